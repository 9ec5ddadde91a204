// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_RESUME_H
#define MT_ENGINE_RESUME_H
/* Sessions taken up again, by id or by ticket (RFC 5077): what the rows and the descriptor of TLCP need for it. */
#include "engine/flow.h"

/* Client: mt_session_offer adds to ClientHello what the configuration asks for; mt_session_answered reads from ServerHello
 * whether the server took it up, and then goes on with the short flow. */
void mt_session_offer(mt_engine *e, mt_client_hello *h);
void mt_session_answered(mt_engine *e, const mt_server_hello *h);

/* Server: mt_session_take_up goes on with the short flow if the hello offers a session that may be taken up. True: there is
 * nothing left to choose. mt_session_answer fills in ServerHello. */
bool mt_session_take_up(mt_engine *e, const mt_client_hello *h);
void mt_session_answer(mt_engine *e, mt_server_hello *h);

/* mt_session_begun: the master secret is known. mt_session_done: both Finished of the long flow are done. */
void mt_session_begun(mt_engine *e);
void mt_session_done(mt_engine *e);
/* mt_session_broken forgets the session of a connection that a fatal alert ends (RFC 5246 7.2.2). */
void mt_session_broken(mt_engine *e);

mt_need mt_need_ticket(const mt_engine *e);
void mt_write_ticket_row(mt_engine *e, mt_msg *m);
void mt_read_ticket_row(mt_engine *e, const mt_msg *m);
#endif
