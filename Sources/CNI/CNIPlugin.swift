/// The operations of a plugin (CNI spec section 2, "CNI operations").
///
/// What returns has succeeded; only ADD has something to say then.
public protocol CNIPlugin {
    /// Reserves addresses for an interface and returns them.
    func add(_ invocation: CNIInvocation) throws(CNIError) -> CNIResult

    /// Releases the addresses of an interface; it succeeds if there are none.
    func delete(_ invocation: CNIInvocation) throws(CNIError)

    /// Verifies that those addresses of a previous result which are ours are still reserved for the interface.
    func check(_ invocation: CNIInvocation, previousResult: CNIResult) throws(CNIError)

    /// Releases the addresses of all interfaces of the network on this node but the valid ones.
    ///
    /// A nil list means that the runtime knows none, and nothing may be released; an empty one means that none is left.
    func garbageCollect(_ invocation: CNIInvocation, validAttachments: [CNIAttachment]?) throws(CNIError)

    /// Verifies that ADD can be served.
    func status(_ invocation: CNIInvocation) throws(CNIError)
}
