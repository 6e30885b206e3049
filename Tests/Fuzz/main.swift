import Glibc

/// libFuzzer's loop (LLVM, "Using libFuzzer as a library").
@_extern(c, "LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Has the target read an input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe UnsafeBufferPointer(start: start, count: count)
    unsafe FuzzTargets.chosen?.read(input.span)
    return 0
}

// The first argument names the target, or asks for the names; the others are libFuzzer's.
guard FuzzTargets.chosen != nil else {
    print(FuzzTargets.all.map { $0.name }.joined(separator: "\n"))
    exit(CommandLine.arguments.dropFirst().first == "--list" ? 0 : 2)
}
// SwiftPM gives the program a main of its own, where libFuzzer's would be.
var count = CommandLine.argc - 1
var arguments = unsafe CommandLine.unsafeArgv + 1
unsafe arguments[0] = CommandLine.unsafeArgv[0]
exit(unsafe runFuzzer(&count, &arguments, testOneInput))
