/// What the datastore did otherwise than the model.
struct ModelMismatch: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
