# SPDX-License-Identifier: Apache-2.0
"""What is asked of `mtlspec serve --algorithm sm2` by the clients of others."""

# Clients that cannot do it with anybody (deviations.yaml): one that suddenly can is noticed too.
CANNOT = {
    "tjfoc": "tjfoc's client verifies each certificate of the list by itself, in order, and before the intermediates of that list are "
             "known to it.",
    "gmsse": "gmsse 1.1.0 cannot answer a CertificateRequest (NullPointerException as it writes its Certificate).",
}


def cells(known):
    """(client, protocol, suite) for every suite that a client says it has."""
    return [(name, protocol, suite) for name, peer in known.items() for protocol, suites in peer.client.items() for suite in suites]
