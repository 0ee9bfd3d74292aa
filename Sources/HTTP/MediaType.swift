// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The media type of a file, from its extension, as the value of `Content-Type`.
enum MediaType {
  /// Bytes of an unknown type.
  static let unknown = "application/octet-stream"
  /// An HTML page.
  static let page = "text/html; charset=utf-8"
  /// Plain text.
  static let text = "text/plain; charset=utf-8"

  /// The type of a file, from its name; the extension is case-insensitive.
  static func ofFile(named name: [UInt8]) -> String {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return unknown }
    let suffix = String(decoding: name[(dot + 1)...].map(\.lowercased), as: UTF8.self)
    guard let type = types[suffix] else { return unknown }
    return type.hasPrefix("text/") ? "\(type); charset=utf-8" : type
  }

  private static let types = [
    "html": "text/html", "htm": "text/html", "xhtml": "application/xhtml+xml", "css": "text/css",
    "js": "text/javascript", "mjs": "text/javascript", "json": "application/json",
    "jsonld": "application/ld+json", "map": "application/json", "webmanifest": "application/manifest+json",
    "wasm": "application/wasm", "xml": "application/xml", "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "txt": "text/plain", "text": "text/plain", "log": "text/plain", "md": "text/markdown", "csv": "text/csv",
    "tsv": "text/tab-separated-values", "ics": "text/calendar", "vcf": "text/vcard", "vtt": "text/vtt",
    "conf": "text/plain", "ini": "text/plain", "sh": "text/plain", "py": "text/plain", "c": "text/plain",
    "h": "text/plain", "swift": "text/plain", "yaml": "application/yaml", "yml": "application/yaml",
    "toml": "application/toml",
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "svg": "image/svg+xml",
    "webp": "image/webp", "avif": "image/avif", "ico": "image/vnd.microsoft.icon", "bmp": "image/bmp",
    "tif": "image/tiff", "tiff": "image/tiff", "heic": "image/heic", "jxl": "image/jxl",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg",
    "flac": "audio/flac", "wav": "audio/wav", "aac": "audio/aac",
    "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "ogv": "video/ogg",
    "mov": "video/quicktime",
    "mkv": "video/matroska", "avi": "video/vnd.avi", "mpeg": "video/mpeg", "ts": "video/mp2t",
    "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf", "otf": "font/otf",
    "pdf": "application/pdf", "epub": "application/epub+zip", "zip": "application/zip",
    "gz": "application/gzip", "tgz": "application/gzip", "bz2": "application/x-bzip2",
    "xz": "application/x-xz", "zst": "application/zstd", "tar": "application/x-tar",
    "7z": "application/x-7z-compressed", "deb": "application/vnd.debian.binary-package",
    "iso": "application/x-iso9660-image", "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation", "rtf": "application/rtf",
  ]
}
