import CNI
import Testing

@Suite struct CNIErrorTests {
    @Test func hasTheShapeOfTheSpecification() {
        let error = CNIError(.tryAgainLater, "etcd is away", details: "https://a/b: \"timeout\"\n")
        #expect(
            error.encoded(for: .v040).text
                == #"{"cniVersion":"0.4.0","code":11,"details":"https://a/b: \"timeout\"\n","msg":"etcd is away"}"#
        )
        #expect(error.description == "etcd is away: https://a/b: \"timeout\"\n (CNI code 11)")
    }

    @Test func omitsAbsentDetails() {
        let error = CNIError(CNIError.Code(rawValue: 100), "no address is free")
        #expect(error.encoded(for: .v110).text == #"{"cniVersion":"1.1.0","code":100,"msg":"no address is free"}"#)
        #expect(error.description == "no address is free (CNI code 100)")
    }

    @Test func controlCharactersAreEscaped() {
        let text = CNIError(.io, "a\0b\u{1b}c").encoded(for: .v110).text
        #expect(text.lowercased() == #"{"cniversion":"1.1.0","code":5,"msg":"a\u0000b\u001bc"}"#)
    }
}
