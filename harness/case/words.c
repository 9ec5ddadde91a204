// SPDX-License-Identifier: Apache-2.0
/* The words of case files, and which cells exist. */
#include "case/file.h"

#include "wire/codes.h"

const mt_yaml_word mt_protocol_words[MT_PROTOCOLS] = {{"tls1.2", 0}, {"tls1.3", 1}, {"tlcp", 2}};
const uint16_t mt_protocol_versions[MT_PROTOCOLS] = {MT_TLS12, MT_TLS13, MT_TLCP};
const mt_yaml_word mt_algorithm_words[MT_ALGORITHMS] = {{"rsa", MT_RSA}, {"ecc", MT_ECC}, {"sm2", MT_SM2}};

const mt_yaml_word mt_level_words[] = {{"must", MT_LEVEL_MUST}, {"should", MT_LEVEL_SHOULD}, {"info", MT_LEVEL_INFO}};
const size_t mt_level_count = MT_COUNT(mt_level_words);

const mt_yaml_word mt_policy_words[] = {
    {"required", MT_POLICY_REQUIRED}, {"optional", MT_POLICY_OPTIONAL}, {"request", MT_POLICY_REQUEST},
    {"none", MT_POLICY_NONE},         {"detect", MT_POLICY_DETECT},
};
const size_t mt_policy_count = MT_COUNT(mt_policy_words);

const mt_yaml_word mt_expected_words[] = {
    {"served", MT_EXPECT_SERVED},
    {"served-anonymous", MT_EXPECT_SERVED_ANONYMOUS},
    {"refused", MT_EXPECT_REFUSED},
    {"info", MT_EXPECT_INFO},
};
const size_t mt_expected_count = MT_COUNT(mt_expected_words);

/* The pairs of protocol and algorithm that exist. */
static const mt_cell runs[] = {{0, MT_RSA}, {0, MT_ECC}, {1, MT_RSA}, {1, MT_ECC}, {1, MT_SM2}, {2, MT_SM2}};

static const char *name_of(const mt_yaml_word *words, size_t n, int value)
{
    for (size_t i = 0; i < n; i++)
        if (words[i].value == value)
            return words[i].name;
    mt_die("no word for %d", value);
}

const char *mt_level_name(mt_level l)
{
    return name_of(mt_level_words, mt_level_count, (int)l);
}

const char *mt_policy_name(mt_policy p)
{
    return name_of(mt_policy_words, mt_policy_count, (int)p);
}

const char *mt_expected_name(mt_expected e)
{
    return name_of(mt_expected_words, mt_expected_count, (int)e);
}

bool mt_policy_find(const char *name, mt_policy *out)
{
    for (size_t i = 0; i < mt_policy_count; i++)
        if (strcmp(mt_policy_words[i].name, name) == 0) {
            *out = (mt_policy)mt_policy_words[i].value;
            return true;
        }
    return false;
}

bool mt_cell_runs(mt_cell cell)
{
    for (size_t i = 0; i < MT_COUNT(runs); i++)
        if (runs[i].protocol == cell.protocol && runs[i].algorithm == cell.algorithm)
            return true;
    return false;
}

bool mt_protocol_resumes(int protocol)
{
    return mt_protocol_versions[protocol] == MT_TLCP;
}

bool mt_cell_is_pair(mt_cell cell)
{
    return mt_protocol_versions[cell.protocol] == MT_TLCP;
}

const mt_yaml *mt_cell_pick(const mt_yaml *node, mt_cell cell)
{
    if (node == NULL || node->kind != MT_YAML_IS_MAP)
        return node;
    const mt_yaml *by_protocol = mt_yaml_get(node, mt_protocol_words[cell.protocol].name);
    return by_protocol ? by_protocol : mt_yaml_get(node, mt_algorithm_words[cell.algorithm].name);
}
