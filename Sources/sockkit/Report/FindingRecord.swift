// SPDX-License-Identifier: GPL-3.0-or-later

import Sessions

/// A finding as a line of JSON.
struct FindingRecord: Encodable {
  /// The name of the check.
  let check: String
  /// What was found.
  let value: String
  /// The same as a number, where it is one.
  let number: Int?
  /// What is limited by that; omitted if nothing is.
  let limits: String?
  /// Ways to change it.
  let changes: [String]?

  /// Creates the record of a finding.
  init(_ finding: Finding) {
    check = finding.check.rawValue
    value = finding.value
    number = finding.number
    limits = finding.limit?.effect
    changes = finding.limit?.changes
  }
}
