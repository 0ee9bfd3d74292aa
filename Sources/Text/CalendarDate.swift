// SPDX-License-Identifier: GPL-3.0-or-later

/// A date and time of the Gregorian calendar in UTC, to the second.
package struct CalendarDate: Equatable, Sendable {
  package var year = 1970
  /// 1 to 12.
  package var month = 1
  /// 1 to 31.
  package var day = 1
  package var hour = 0
  package var minute = 0
  package var second = 0
  /// 0 is Sunday.
  package private(set) var weekday = 4

  /// The weekdays, from Sunday on.
  package static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  /// The three-letter names of the months.
  package static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static let secondsOfDay = 86_400
  /// The number of days in four hundred years, after which the calendar repeats.
  private static let daysOfCycle = 146_097
  /// The number of days from March 1 of the year 0, where the calculation starts, to 1970.
  private static let daysBefore1970 = 719_468

  /// Creates the date a number of seconds after 1970, or before it if negative.
  package init(seconds: Int) {
    let days = Self.floor(seconds, Self.secondsOfDay)
    let time = seconds - days * Self.secondsOfDay
    (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
    weekday = (days % 7 + 11) % 7
    // Years begin with March here, so that the leap day is the last day of a year.
    let day = days + Self.daysBefore1970
    let cycle = Self.floor(day, Self.daysOfCycle)
    let dayOfCycle = day - cycle * Self.daysOfCycle
    let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
  }

  /// The seconds from 1970 to the date; a day that does not exist counts into the next month.
  package static func seconds(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) -> Int {
    let yearFromMarch = month <= 2 ? year - 1 : year
    let cycle = floor(yearFromMarch, 400)
    let yearOfCycle = yearFromMarch - cycle * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
    let days = cycle * daysOfCycle + dayOfCycle - daysBefore1970
    return ((days * 24 + hour) * 60 + minute) * 60 + second
  }

  private static func floor(_ number: Int, _ divisor: Int) -> Int {
    number / divisor - (number % divisor < 0 ? 1 : 0)
  }
}
