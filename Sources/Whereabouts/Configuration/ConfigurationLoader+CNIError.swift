internal import CNI

extension ConfigurationLoader {
    /// Returns the configuration, or fails as the runtime gets to see it.
    ///
    /// - Throws: `CNIError` with code 7 for a configuration that can't be used.
    func resolved(_ invocation: CNIInvocation) throws(CNIError) -> ResolvedConfiguration {
        do throws(ConfigurationFailure) {
            return try resolve(invocation)
        } catch {
            throw error.cniError
        }
    }
}
