// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_EXCHANGE_WAY_H
#define MT_ENGINE_EXCHANGE_WAY_H
/* Ways to make a ClientKeyExchange of TLCP that are not the protocol's (`client_key_exchange exchange-as WAY`), and what a server
 * with a fault makes of them. */
#include "crypto/sm2.h"
#include "engine/state.h"
#include "engine/way.h"

enum { MT_PREMASTER = 48 };

/* mt_exchange_way_at returns the i-th row's words, or NULL behind the last. */
const mt_way *mt_exchange_way_at(size_t i);

/* mt_agreement_of returns the honest agreement of the two sides: parts that are not there yet are NULL or empty. */
mt_sm2_agreement mt_agreement_of(const mt_engine *e);

/* mt_exchange_by_edit fills the message and the pre-master secret in the way of the edit. False: there is none, or it does not
 * apply to the suite; nothing was done. */
MT_MUST_CHECK bool mt_exchange_by_edit(mt_engine *e, mt_tlcp_key_exchange *k);

/* mt_exchange_by_fault finds the pre-master secret that one of our faults makes of a message which an honest server refuses. */
MT_MUST_CHECK bool mt_exchange_by_fault(mt_engine *e, const mt_tlcp_key_exchange *k);
/* mt_exchange_note_others keeps the secrets of the ways that our faults take beside the honest one: which of them the client means
 * shows only in its first protected record. mt_exchange_unprotect_other opens that record with one of them, and goes on with it. */
void mt_exchange_note_others(mt_engine *e);
bool mt_exchange_unprotect_other(mt_engine *e, const mt_record *r, mt_writer *plain, uint8_t *type);
#endif
