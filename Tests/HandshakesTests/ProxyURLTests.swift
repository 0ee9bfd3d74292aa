// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Testing

/// How the URL of a proxy is read.
struct ProxyURLTests {
  @Test(arguments: [
    ("http://proxy", ProxyURL.Scheme.http, "proxy", 3128), ("https://proxy/", .https, "proxy", 443),
    ("SOCKS5://proxy:9050", .socks5, "proxy", 9050), ("socks4://192.0.2.1", .socks4, "192.0.2.1", 1080),
    ("socks5h://[2001:db8::1]", .socks5h, "2001:db8::1", 1080),
    ("socks4a://[::1]:9", .socks4a, "::1", 9), ("proxy:8080", .http, "proxy", 8080),
  ])
  func `scheme, host and port`(text: String, scheme: ProxyURL.Scheme, host: String, port: UInt16) throws {
    let url = try ProxyURL(text)
    #expect(url.scheme == scheme && url.host == host && url.port == port && url.user == nil)
  }

  @Test func `user and password`() throws {
    let url = try ProxyURL("socks5://me%40home:s%3Aec:r%2Fet@proxy:1")
    #expect(url.user == "me@home" && url.password == "s:ec:r/et" && url.host == "proxy" && url.port == 1)
    let userOnly = try ProxyURL("http://me@proxy")
    #expect(userOnly.user == "me" && userOnly.password == nil)
    let empty = try ProxyURL("http://me:@proxy")
    #expect(empty.password == "")
  }

  @Test(arguments: [
    "", "http://", "ftp://proxy", "http://:80", "http://proxy:0", "http://proxy:70000", "http://proxy:x",
    "http://::1:80", "http://u%2:p@proxy", "http://u%00:p@proxy", "http://proxy/path", "http://u%FF@proxy",
  ])
  func `anything else is refused, without a password in the message`(text: String) {
    #expect(throws: ProxyURL.SyntaxError.self) { try ProxyURL(text) }
    for url in ["x://me:secret@proxy", "http://me:secret@", "http://me:secret%@proxy"] {
      do throws(ProxyURL.SyntaxError) {
        _ = try ProxyURL(url)
        Issue.record("\(url) is accepted")
      } catch {
        #expect(!"\(error)".contains("secret"), "\(error)")
      }
    }
  }
}
