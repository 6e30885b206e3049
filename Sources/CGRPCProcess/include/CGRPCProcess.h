#ifndef CGRPCPROCESS_H
#define CGRPCPROCESS_H

// This target has no functions to call. Linked into a program, it fits the gRPC C core and the C library to a process that makes a
// few calls and ends (docs/design/bridge-and-binary.md). It is for programs only: a library must not decide this for others.

#endif
