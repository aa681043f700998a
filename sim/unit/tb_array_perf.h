// SPDX-License-Identifier: Apache-2.0
//
// Part of tb_array.cpp: issue utilisation of array_engine on fixed shapes, nothing from outside in the way (argument perf).
//
// Three equal commands run back to back; "busy" is issue cycles over cycles from the first to the last issue, so it counts bubbles
// between walks, positions, passes, filter banks and commands. "bound" is what networks allow: packets, filter loads.
struct Shape { const char *name; int kind, R, S, stride, qw_lg, chain_len, nchain, groups, P, e_cols, T, NM, NY, OW, FT; };

static void perf_shape(const Shape &s)
{
  image_end = 0;
  std::vector<Command> cmds;
  for (int i = 0; i < 3; i++) {
    Command k;
    weft_conv_t &c = k.c;
    memset(&c, 0, sizeof c);
    c.kind = s.kind; c.R = s.R; c.S = s.S; c.stride_x = c.stride_y = s.stride; c.dil_x = c.dil_y = 1; c.qw_lg = s.qw_lg;
    c.chain_len = s.chain_len; c.nchain = s.nchain; c.groups = s.groups; c.P = s.P; c.e_cols = s.e_cols; c.T = s.T;
    c.pairs = s.kind == WEFT_CHAIN_GROUPS ? s.chain_len * s.nchain : s.chain_len;
    c.NM = s.NM; c.NY = s.NY; c.OW = s.OW; c.FT = s.FT; c.OH = 1;
    c.g_step = s.kind == WEFT_CHAIN_GROUPS ? s.groups : 0;
    c.pad_top = c.pad_left = s.R / 2;
    c.in_h = c.NY * c.e_cols * (s.kind == WEFT_CHAIN_ROWS ? s.nchain : 1) * s.stride;
    c.in_w = c.in_w_last = s.OW * s.stride;
    c.in_pix = 1; c.in_row = c.in_w;
    finish(k);
    cmds.push_back(k);
  }
  Counts want{};
  for (auto &k : cmds) expect_counts(k, &want);
  Bench *t = new Bench;
  t->quick = true;
  t->reset();
  int errors = t->run(cmds);
  if (!errors) errors = check_counts(t->seen, want);
  double cycles = t->issue_last - t->issue_first + 1, n = t->seen.issue;
  printf("%-34s issue %8.0f busy %5.1f %%  ifmap %5.1f %%  filter %5.1f %%  stalls ifmap %lu filter %lu out %lu, first issue at %lu%s\n", s.name,
         n, 100 * n / cycles, 100.0 * t->seen.noc_ifmap / cycles, 100.0 * t->seen.noc_filter / cycles, (unsigned long)t->stall_w,
         (unsigned long)t->stall_f, (unsigned long)t->stall_o, (unsigned long)t->issue_first, errors ? " FAILED" : "");
  delete t;
}

static int perf()
{
  int C = cfg->cols, L = cfg->lanes, q4 = L == 4 ? 2 : L == 2 ? 3 : 4;       // 16 channels
  int words = cfg->fspad_bytes / L, p16 = words / (3 << q4), p1 = words / 16;
  int half = C % 2 ? C : C / 2, T = C / half;
  Shape shapes[] = {
    {"3x3 dense, 1 fold",               0, 3, 3, 1, q4, 12, 1, 4, p16, C, 1, 2, 2, 28, 28},
    {"3x3 dense, 4 folds",              0, 3, 3, 1, q4, 12, 1, 16, p16, half, T, 2, 2, 28, 28},
    {"3x3 dense, 4 folds, stride 2",    0, 3, 3, 2, q4, 12, 1, 16, p16, half, T, 2, 2, 28, 28},
    {"3x3, 4 chains of rows (16 ch.)",  0, 3, 3, 1, q4, 3, 4, 1, p16, C, 1, 2, 2, 28, 28 * 4 * p16 > 512 ? 512 / (4 * p16) : 28},
    {"3x3, 4 chains of filters (16 ch.)", 1, 3, 3, 1, q4, 3, 4, 1, p16, C, 1, 2, 2, 28, 28 * 4 * p16 > 512 ? 512 / (4 * p16) : 28},
    {"1x1, 4 folds",                    0, 1, 1, 1, 4, 12, 1, 48, p1, C > 4 ? 2 : 1, C > 4 ? C / 2 : C, 2, 2, 49, 49},
    {"1x1, 12 chains of filters",       1, 1, 1, 1, 4, 1, 12, 1, p1 > 5 ? 5 : p1, C, 1, 2, 2, 49, 8},
    {"3x3 depthwise, 4 groups of 8",    2, 3, 3, 1, L == 4 ? 1 : L == 2 ? 2 : 3, 3, 4, 4, 8, C, 1, 4, 2, 28, 14},
    {"3x3 depthwise, 3 groups of LANES", 2, 3, 3, 1, 0, 3, 3, 3, L, C, 1, 4, 2, 28, 28},
    {"1x1, one word, K = P = 1",        0, 1, 1, 1, 0, 1, 1, 1, 1, C, 1, 2, 2, 28, 28},
    {"matrix x vector (filter bound)",  0, 1, 1, 1, 4, 12, 1, 24, p1, 1, C, 2, 1, 1, 1},
  };
  for (auto &s : shapes) perf_shape(s);
  return 0;
}
