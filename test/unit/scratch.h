/* What a unit test may need that is not about an instance. */
#ifndef HETANG_TEST_SCRATCH_H
#define HETANG_TEST_SCRATCH_H

#include <stdint.h>

/* Of a test with random input: another one each time, printed; SEED=… takes one again. */
uint64_t random_seed(void);
void remove_folder(const char *path); /* with all that is in it */

#endif
