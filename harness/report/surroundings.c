// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH = 80, MIN_WIDTH = 20 };

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value != 0;
}

/* A switch that "0" turns off, as CLICOLOR_FORCE is defined; CI=false is common too. */
static bool is_on(const char *name)
{
    const char *value = getenv(name);
    return is_set(name) && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

static bool is_dumb(void)
{
    const char *term = getenv("TERM");
    return term && strcmp(term, "dumb") == 0;
}

static bool wants_colour(mt_choice choice, FILE *out)
{
    if (choice != MT_AUTO)
        return choice == MT_ALWAYS;
    if (is_set("NO_COLOR"))
        return false;
    if (is_on("CLICOLOR_FORCE") || is_on("FORCE_COLOR"))
        return true;
    return !is_dumb() && isatty(fileno(out));
}

static bool wants_bar(mt_choice choice, FILE *progress)
{
    if (choice != MT_AUTO)
        return choice == MT_ALWAYS;
    return !is_on("CI") && !is_dumb() && isatty(fileno(progress));
}

static unsigned width_of(FILE *to)
{
    struct winsize size = {0};
    if (ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col < MIN_WIDTH)
        return WIDTH;
    return size.ws_col;
}

void mt_report_surroundings(mt_report_options *o, mt_choice colour, mt_choice bar)
{
    FILE *out = o->out ? o->out : stdout, *progress = o->progress ? o->progress : stderr;
    const char *github = getenv("GITHUB_ACTIONS");
    o->colour = wants_colour(colour, out);
    o->live = wants_bar(bar, progress);
    o->github = github && strcmp(github, "true") == 0;
    o->width = width_of(progress);
}
