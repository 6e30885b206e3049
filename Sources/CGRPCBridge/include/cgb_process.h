#ifndef CGB_PROCESS_H
#define CGB_PROCESS_H

/// The environment of this process, as environ(7) has it: ends with NULL, and is NULL when there is none.
char *_Nullable *_Nullable cgb_environment(void);

#endif
