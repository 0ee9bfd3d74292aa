// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The files that clients may upload.
package struct HTTPUploadRules: Sendable {
  /// Whether a file that exists is replaced.
  package var isReplacing: Bool
  /// The maximum length of the body of a request, in bytes as they are sent.
  package var most: Int

  /// Creates rules.
  package init(isReplacing: Bool = false, most: Int = 1 << 30) {
    self.isReplacing = isReplacing
    self.most = most
  }
}

/// Stores the body of a request. If it is released before `finish`, nothing of it is left.
protocol HTTPUpload: AnyObject {
  /// Takes the next part of the body.
  ///
  /// - Throws: The reason why the rest is not read.
  func receive(_ bytes: Span<UInt8>) throws(HTTPError)

  /// Completes the upload at the end of the body, and returns the answer.
  func finish() throws(HTTPError) -> HTTPResponse
}

/// A directory that takes uploads.
struct UploadDirectory {
  private let directory: SharedFile
  private let isReplacing: Bool

  /// Takes files into an open directory.
  init(_ directory: SharedFile, isReplacing: Bool) {
    self.directory = directory
    self.isReplacing = isReplacing
  }

  /// Begins a file.
  ///
  /// - Throws: 409 if the name exists and is not to be replaced.
  func create(_ name: PathName) throws(HTTPError) -> PendingFile {
    do throws(Errno) {
      if let kind = try kind(of: name), kind != .regular || !isReplacing { throw Errno.fileExists }
      return try PendingFile(name, in: directory)
    } catch {
      throw HTTPError(upload: error)
    }
  }

  /// Gives complete files their names. If one of them cannot have its name, the new files of the others are removed.
  ///
  /// - Returns: Whether none of the names existed.
  func publish(_ files: [PendingFile]) throws(HTTPError) -> Bool {
    var areNew = true
    var created: [PendingFile] = []
    do throws(Errno) {
      for file in files { try file.finish() }
      for file in files {
        let isNew = try kind(of: file.name) == nil
        try file.takeName(isReplacing: isReplacing)
        if isNew { created.append(file) } else { areNew = false }
      }
    } catch {
      for file in created { file.remove() }
      throw HTTPError(upload: error)
    }
    return areNew
  }

  private func kind(of name: PathName) throws(Errno) -> FileStatus.Kind? {
    do { return try FileStatus(of: name, in: directory.descriptor).kind } catch .noSuchFileOrDirectory {
      return nil
    }
  }
}

/// The upload of one file, with PUT.
final class HTTPFileUpload: HTTPUpload {
  private let directory: UploadDirectory
  private let file: PendingFile
  private let location: String

  /// Begins the file.
  ///
  /// - Parameter location: The percent-encoded path of the file.
  init(_ name: PathName, in directory: UploadDirectory, at location: String) throws(HTTPError) {
    file = try directory.create(name)
    self.directory = directory
    self.location = location
  }

  func receive(_ bytes: Span<UInt8>) throws(HTTPError) {
    do { try file.write(bytes) } catch { throw HTTPError(upload: error) }
  }

  func finish() throws(HTTPError) -> HTTPResponse {
    guard try directory.publish([file]) else { return HTTPResponse(.noContent) }
    return HTTPResponse(.created, fields: [("Location", location)], text: "stored as \(location)")
  }
}

/// The upload of the files of a form, with POST. All of them are stored, or none.
final class HTTPFormUpload: HTTPUpload {
  private let directory: UploadDirectory
  private let location: String
  private var parser: MultipartParser
  private var files: [PendingFile] = []
  /// Whether the current part is a file.
  private var isInFile = false
  /// The first error. The rest of the form is read nevertheless: a browser shows no answer before it has sent the form.
  private var failure: HTTPError?

  /// Begins with the header of the request.
  ///
  /// - Parameter location: The percent-encoded path of the page to show afterwards.
  init(_ fields: HTTPFields, in directory: UploadDirectory, at location: String) throws(HTTPError) {
    parser = try MultipartParser(contentType: fields.single(.contentType))
    self.directory = directory
    self.location = location
  }

  func receive(_ bytes: Span<UInt8>) throws(HTTPError) {
    guard failure == nil else { return }
    do throws(HTTPError) {
      var index = 0
      while true {
        switch try parser.next(bytes, from: &index) {
        case .wantsMore: return
        case .part(let fileName): try begin(fileName)
        case .content(let range): try write(bytes.extracting(range))
        case .prefix(let count):
          let delimiter = parser.delimiter
          try write(delimiter.span.extracting(first: count))
        case .partEnd: try end()
        }
      }
    } catch {
      failure = error
      files = []
    }
  }

  func finish() throws(HTTPError) -> HTTPResponse {
    if let failure { throw failure }
    guard parser.isComplete else { throw .malformed("the form is not complete") }
    guard !files.isEmpty else { throw .malformed("no file was chosen in the form") }
    _ = try directory.publish(files)
    return HTTPResponse(
      .seeOther, fields: [("Location", location)],
      text: "stored \(files.count == 1 ? "1 file" : "\(files.count) files") in \(location)")
  }

  /// Begins a part. Fields that are no files have no meaning here, and neither has a form control without a file, which
  /// browsers send with an empty name.
  private func begin(_ fileName: [UInt8]?) throws(HTTPError) {
    isInFile = false
    guard let fileName, !fileName.isEmpty else { return }
    guard let name = PathName(fileName), name.mayBeStored else { throw .forbiddenName }
    guard !files.contains(where: { $0.name == name }) else {
      throw HTTPError(.conflict, "two files of the form have the same name")
    }
    files.append(try directory.create(name))
    isInFile = true
  }

  private func write(_ bytes: Span<UInt8>) throws(HTTPError) {
    guard isInFile else { return }
    do { try files.last?.write(bytes) } catch { throw HTTPError(upload: error) }
  }

  /// Closes the file, so that a form takes one descriptor at a time.
  private func end() throws(HTTPError) {
    guard isInFile else { return }
    isInFile = false
    do { try files.last?.finish() } catch { throw HTTPError(upload: error) }
  }
}

extension PathName {
  /// Whether a client may choose it: it is not hidden, and has no control characters.
  var mayBeStored: Bool { !isHidden && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
}

extension HTTPError {
  /// The answer to a name that could not be requested afterwards, or that leads elsewhere.
  static let forbiddenName = HTTPError(
    .forbidden, "a file name must not begin with a dot, nor contain a slash or a control character")

  /// The answer if a file cannot be stored.
  init(upload error: Errno) {
    switch error {
    case .noSpace, .diskQuotaExceeded, .fileTooLarge:
      self.init(.insufficientStorage, "there is not enough space for the file")
    case .fileExists, .isDirectory: self.init(.conflict, "a file of that name exists")
    case .notPermitted, .permissionDenied, .readOnlyFileSystem:
      self.init(.forbidden, "the server has no permission to write there")
    case .fileNameTooLong: self.init(.badRequest, "the file name is too long")
    case .noSuchFileOrDirectory, .notDirectory: self = .notFound
    default: self.init(error)
    }
  }
}
