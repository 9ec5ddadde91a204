// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TESTS_SUITE_H
#define MT_TESTS_SUITE_H
/* The main of a unit test: a table of Check tests. A test with rows is run once for each of them (its `_i` is the row). */
#include <check.h>
#include <stddef.h>
#include <stdlib.h>

typedef struct suite_row {
    const TTest *const *test; /* &name of a START_TEST */
    int rows;  /* 0: not a loop test */
    int exits; /* the exit code that the test must end with; 0: it returns */
} suite_row;

static inline void suite_add(TCase *group, const suite_row *row)
{
    int end = row->rows ? row->rows : 1;
    if (row->exits)
        tcase_add_loop_exit_test(group, *row->test, row->exits, 0, end);
    else
        tcase_add_loop_test(group, *row->test, 0, end);
}

/* suite_run runs the `n` tests and returns what main returns. */
static inline int suite_run(const char *name, const suite_row *rows, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *group = tcase_create(name);
    tcase_set_timeout(group, 60);
    for (size_t i = 0; i < n; i++)
        suite_add(group, &rows[i]);
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
#endif
