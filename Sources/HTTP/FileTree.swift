// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The files beneath a directory, as the paths of requests denote them.
struct FileTree: Sendable {
  private static let index = PathName("index.html")
  /// The name of the served directory in an archive; its own one is not told.
  private static let rootName = PathName("files")
  /// The number of directory entries that are listed at once; a longer list would delay other clients too much.
  private static let shortList = 100

  private let root: RootDirectory
  private let rules: HTTPDirectoryRules
  private let entryLimit: Int

  /// - Parameters:
  ///   - rules: What is sent.
  ///   - entryLimit: The maximum number of entries in such a list.
  init(_ root: RootDirectory, _ rules: HTTPDirectoryRules, entryLimit: Int) {
    self.root = root
    self.rules = rules
    self.entryLimit = entryLimit
  }

  /// Returns the regular file, the index or list of the directory, or the directory at a path.
  ///
  /// - Parameter fields: The header of the request, which selects a representation.
  func answer(to path: HTTPPath, _ fields: HTTPFields) throws(HTTPError) -> HTTPAnswer {
    guard let names = path.names else { throw .notFound }
    do {
      guard path.isDirectory else { return try file(names, for: fields) }
      if rules.isArchived, path.parameters.contains(where: { $0 == ("archive", "tar") }) {
        let name = names.last ?? Self.rootName
        return .archive(try DirectoryArchive(root, names, as: name), name.appending(".tar"))
      }
      if let index = try index(of: names, for: fields) { return .found(index) }
      guard rules.isListed else { throw HTTPError.notFound }
      return try list(of: names, in: ListingOrder(path))
    } catch let error as HTTPError {
      throw error
    } catch let error as Errno {
      throw HTTPError(error)
    } catch {
      fatalError("nothing here throws \(error)")
    }
  }

  /// What clients may upload; `nil` if nothing.
  var uploads: HTTPUploadRules? { rules.uploads }

  /// Begins an upload: with PUT the file at a path, with POST the files of a form into a directory.
  func upload(
    _ request: HTTPRequest, to path: HTTPPath, _ rules: HTTPUploadRules
  ) throws(HTTPError) -> any HTTPUpload {
    guard HTTPOrigin.isOwn(request.fields) else {
      throw HTTPError(.forbidden, "uploads from pages of other sites are not allowed")
    }
    guard let names = path.names else { throw .forbiddenName }
    if request.line.method == .post {
      let directory = try uploadDirectory(names, rules)
      return try HTTPFormUpload(request.fields, in: directory, at: path.directory + path.query)
    }
    guard !path.isDirectory, let name = names.last else {
      throw HTTPError(.conflict, "this is a directory; the path must end with the name of the file")
    }
    guard name.mayBeStored else { throw .forbiddenName }
    // A part would replace the whole file (RFC 9110, section 14.5), and without a length a body would be lost.
    guard request.fields.list(.contentRange) == nil else {
      throw .malformed("part of a file cannot be uploaded")
    }
    guard request.framing != .none || request.fields.list(.contentLength) != nil else {
      throw HTTPError(.lengthRequired, "an upload needs a Content-Length or chunks")
    }
    var rules = rules
    // The file may be created by another client while this one is received.
    if request.fields.list(.ifNoneMatch) == [UInt8(ascii: "*")] { rules.isReplacing = false }
    let directory = try uploadDirectory(names.dropLast(), rules)
    guard HTTPConditions.permitChange(request.fields, of: current(names)) else {
      throw HTTPError(.preconditionFailed, "the file does not meet the condition of the request")
    }
    return try HTTPFileUpload(name, in: directory, at: String(path.directory.dropLast()))
  }

  private func uploadDirectory(
    _ names: [PathName], _ rules: HTTPUploadRules
  ) throws(HTTPError) -> UploadDirectory {
    do throws(Errno) {
      let directory = try root.open(names)
      guard try FileStatus(of: directory.number).kind == .directory else { throw Errno.notDirectory }
      return UploadDirectory(SharedFile(directory), isReplacing: rules.isReplacing)
    } catch {
      throw HTTPError(error)
    }
  }

  /// The file at a path as it is now; `nil` if it cannot be sent.
  private func current(_ names: [PathName]) -> Representation? {
    guard let file = try? root.open(names), let status = try? FileStatus(of: file.number),
      status.kind == .regular
    else { return nil }
    return try? Representation(file, status: status, type: MediaType.unknown)
  }

  private func file(_ names: [PathName], for fields: HTTPFields) throws(Errno) -> HTTPAnswer {
    let file = try root.open(names)
    let status = try FileStatus(of: file.number)
    switch status.kind {
    case .directory: return .directory
    case .regular:
      let type = MediaType.ofFile(named: names.last?.bytes ?? [])
      guard rules.isPrecompressed else { return .found(try Representation(file, status: status, type: type)) }
      if let copy = compressedCopy(of: names, type: type, for: fields) { return .found(copy) }
      return .found(try Representation(file, status: status, type: type, isNegotiated: true))
    case .link, .other: throw .noSuchFileOrDirectory
    }
  }

  /// The compressed copy of a file that the client prefers to the file; `nil` if there is none.
  private func compressedCopy(of names: [PathName], type: String, for fields: HTTPFields) -> Representation? {
    guard let name = names.last else { return nil }
    for coding in AcceptedCodings(fields.list(.acceptEncoding)).preferred {
      guard let copy = try? root.open(names.dropLast() + [name.appending(coding.suffix)]),
        let status = try? FileStatus(of: copy.number), status.kind == .regular
      else { continue }
      return try? Representation(copy, status: status, type: type, coding: coding, isNegotiated: true)
    }
    return nil
  }

  /// The index page of a directory; `nil` if it has none.
  private func index(of names: [PathName], for fields: HTTPFields) throws(Errno) -> Representation? {
    do {
      guard case .found(let page) = try file(names + [Self.index], for: fields) else { return nil }
      return page
    } catch {
      if HTTPError(error) == .notFound { return nil }
      throw error
    }
  }

  private func list(of names: [PathName], in order: ListingOrder) throws(Errno) -> HTTPAnswer {
    let directory = try root.open(names)
    let contents = try DirectoryContents(of: directory.number, limit: min(Self.shortList, entryLimit))
    guard contents.isCut else {
      return .found(try list(contents, of: names, in: order, from: directory.number))
    }
    return .later { () throws(HTTPError) in
      do throws(Errno) {
        let directory = try root.open(names)
        let contents = try DirectoryContents(of: directory.number, limit: entryLimit)
        return try list(contents, of: names, in: order, from: directory.number)
      } catch {
        throw HTTPError(error)
      }
    }
  }

  /// - Throws: The error of a system that is short of a resource: the client may ask again.
  private func list(
    _ contents: DirectoryContents, of names: [PathName], in order: ListingOrder,
    from directory: FileDescriptor
  ) throws(Errno) -> Representation {
    var entries: [DirectoryList.Entry] = []
    var isCut = contents.isCut
    for name in contents.names {
      do throws(Errno) {
        guard let status = try status(of: name, in: directory, path: names) else { continue }
        entries.append(DirectoryList.Entry(name: name, status: status))
      } catch {
        switch HTTPError(error).status {
        case .notFound, .forbidden: break
        case .unavailable: throw error
        default: isCut = true
        }
      }
    }
    let list = DirectoryList(of: names, entries, in: order, isCut: isCut, rules)
    return Representation(Array(list.page.utf8), type: MediaType.page)
  }

  /// The status of the file that would be sent for a name; `nil` if nothing would be sent.
  private func status(
    of name: PathName, in directory: FileDescriptor, path: [PathName]
  ) throws(Errno) -> FileStatus? {
    var status = try FileStatus(of: name, in: directory)
    if status.kind == .link {
      let target = try root.open(path + [name])
      status = try FileStatus(of: target.number)
    }
    return status.kind == .regular || status.kind == .directory ? status : nil
  }
}

extension HTTPError {
  /// The answer if a file cannot be opened: not found, unless it exists and must not be read, or the error is one of
  /// the server.
  init(_ error: Errno) {
    let absences: [Errno] = [
      .noSuchFileOrDirectory, .notDirectory, .isDirectory, .improperLink, .tooManySymbolicLinkLevels,
      .fileNameTooLong, .noSuchAddressOrDevice, .operationNotSupportedByDevice,
    ]
    let scarcities: [Errno] = [
      .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .resourceTemporarilyUnavailable,
    ]
    if absences.contains(error) {
      self = .notFound
    } else if error == .permissionDenied || error == .notPermitted {
      self.init(.forbidden, "the server has no permission to read the file")
    } else if scarcities.contains(error) {
      self.init(.unavailable, "the server is overloaded")
    } else {
      self.init(.internalError, "the file cannot be read")
    }
  }
}
