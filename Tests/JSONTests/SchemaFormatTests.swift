import Testing

@testable import JSON

@Suite("Schema format")
struct SchemaFormatTests {
    static let accepted: [(SchemaFormat, [String])] = [
        (
            .dateTime,
            [
                "2024-02-29T23:59:60Z", "1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00",
                "1990-12-31T15:59:60-08:00", "2024-01-01t00:00:00z",
            ]
        ),
        (.date, ["2024-02-29", "2000-02-29", "1963-06-19", "2021-12-31"]),
        (.time, ["08:30:06Z", "23:20:50.52Z", "08:30:06+00:20", "01:29:60+01:30", "23:59:60Z"]),
        (
            .duration,
            [
                "P4DT12H30M5S", "P4Y", "PT0S", "P0D", "P1M", "PT1M", "PT36H", "P1DT12H", "P2W",
                "P1Y2M3D",
            ]
        ),
        (
            .email,
            [
                "joe@example.com", "te~st@example.com", "a.b+c@x-y.org", "joe@localhost",
                "joe@[127.0.0.1]", "joe@[IPv6:::1]",
            ]
        ),
        (
            .uri,
            [
                "http://foo.bar/?baz=qux#quux", "urn:oasis:names:tc:x:1", "mailto:John@example.com",
                "http://user:pass@[2001:db8::7]:80/x", "tel:+1-816-555-1212", "file:///etc", "a:",
                "http://x/%20",
            ]
        ),
        (.uuid, ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"]),
        (.ipv4, ["192.168.0.1", "0.0.0.0", "255.255.255.255"]),
        (
            .ipv6,
            [
                "::1", "::", "1234::", "1:2:3:4:5:6:7:8", "1::8",
                "::ffff:192.168.0.1", "1:2::192.168.0.1", "1:2:3:4:5:6:1.2.3.4", "::2:3:4:5:6:7:8",
                "1::",
            ]
        ),
    ]

    static let refused: [(SchemaFormat, [String])] = [
        (
            .dateTime,
            [
                "", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01 00:00:00Z",
                "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:00",
                "1998-12-31T22:59:60Z", "2024-01-01T00:00:00.Z", "2024-1-1T00:00:00Z",
                "2024-01-01T00:00:00+25:00", "2024-01-01T00:00:00Zx",
            ]
        ),
        (
            .date,
            [
                "1900-02-29", "2021-13-01", "2021-00-01", "2021-04-31", "21-04-01", "2021-4-01",
                "2021-04-1২",
            ]
        ),
        (
            .time,
            [
                "08:30:06", "8:30:06Z", "08:30Z", "24:00:00Z", "22:59:60Z", "08:30:06PST",
                "08:30:06,1Z",
            ]
        ),
        (
            .duration,
            [
                "P", "PT", "4DT12H30M5S", "P1", "P1Y2W", "P2D1Y", "PT1D", "P1YT", "P1H", "PT1.5S",
                "P1Y2D",
                "P1W1D",
            ]
        ),
        (
            .email,
            [
                "2962", "@x.com", "joe@", ".a@x.com", "a.@x.com", "a..b@x.com", "a@-x.com",
                "a b@x.com",
                "a@x..com", "a@[1.2.3]",
            ]
        ),
        (
            .uri,
            [
                "", "//foo.bar/", "/abs", "abc", "\\\\WINDOWS\\f", "http:// x", ":// no",
                "bar,baz:foo",
                "http://x/<y>", "http://x/%2", "1http://x", "http://[1:2/", "http://x:y/",
                "http://a/[b]",
                "http://x#a#b", "http://é/",
            ]
        ),
        (
            .uuid,
            [
                "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa98-11ea-b4aa73b441d16380-",
                "2eb8aa08-aa98-11ea-b4ga-73b441d16380", "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}",
            ]
        ),
        (
            .ipv4,
            [
                "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "0x7f.0.0.1", "1.2.3.4 ", "a.b.c.d",
                "1..2.3",
            ]
        ),
        (
            .ipv6,
            [
                "", ":", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                ":1:2:3:4:5:6:7:8",
                "1:2:3:4:5:6:7:8:", "::g", "1.2.3.4", "::1.2.3", "fe80::1%eth0",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::1.2.3.4:5", "1:2:3:4:5:6:7::8:",
            ]
        ),
    ]

    @Test("texts of a format are accepted", arguments: accepted)
    func accepts(format: SchemaFormat, texts: [String]) {
        for text in texts { #expect(format.accepts(text), "\(text)") }
    }

    @Test("other texts are refused", arguments: refused)
    func refuses(format: SchemaFormat, texts: [String]) {
        for text in texts { #expect(!format.accepts(text), "\(text)") }
    }
}
