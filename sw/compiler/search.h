/* SPDX-License-Identifier: Apache-2.0
 *
 * The search over what the layers' estimates leave open: weft_compile() compiles the network with other choices (choice.h), times it as a whole
 * (timing.h), and keeps the best. docs/design.md, "The search across layers", says why it is done so.
 */
#ifndef WEFT_SEARCH_H
#define WEFT_SEARCH_H

#include "choice.h"
#include "plan_memo.h"
#include "program.h"

typedef struct {
  const weft_choice_t *choice;       /* of each operator */
  weft_plan_memo_t *plans;
  bool dry;                          /* only to be timed: no filter images */
} weft_chosen_t;

/* The network with these choices, without a search. Errors as of weft_compile(). */
int weft_compile_chosen(const weft_graph_t *g, const weft_config_t *cfg, const weft_compile_opts_t *o, const weft_chosen_t *x, weft_program_t **out, weft_msg_t *m);

#endif
