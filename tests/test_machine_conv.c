/* SPDX-License-Identifier: Apache-2.0
 *
 * CONV of the machine model against direct convolutions of tensors, and its event counts against the loops of docs/spec.md
 * carried out literally.
 */
#include "machine_rig.h"
#include "randconv.h"

/* One random command with its tensors as plain arrays. */
typedef struct {
  weft_conv_t c;
  int64_t channels, depth;
  int8_t *ifmap, *weight;       /* [in_h][in_w][channels], [M][R][S][depth] */
  randconv_entry_t *entry;      /* [M] */
} case_t;

static void case_free(case_t *k) {
  free(k->ifmap);
  free(k->weight);
  free(k->entry);
}

static void fill(rand_t *r, int8_t *to, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = rand_i8(r);
}

/* Places the four parts of the command one after the other in a random order of two, with garbage around them. */
static void place(rand_t *r, const weft_config_t *cfg, case_t *k, uint8_t *buffer) {
  weft_conv_t *c = &k->c;
  const int64_t size[4] = {randconv_ifmap_words(cfg, c), randconv_ofmap_words(c), randconv_image_words(cfg, c), randconv_entry_words(c)};
  int64_t at[4], next = rand_in(r, 0, cfg->buf_words - size[0] - size[1] - size[2] - size[3]), first = rand_in(r, 0, 3);
  for (int i = 0; i < 4; i++) {
    at[(first + i) % 4] = next;
    next += size[(first + i) % 4];
  }
  c->in_base = at[0];
  c->out_base = at[1];
  c->filt_base = at[2];
  c->param_base = at[3];
  for (int64_t y = 0; y < c->in_h; y++)
    for (int64_t x = 0; x < c->in_w; x++)
      for (int64_t i = 0; i < k->channels; i++)
        buffer[(c->in_base + y * c->in_row + x * c->in_pix + i / 16) * 16 + i % 16] =
            (uint8_t)k->ifmap[(y * c->in_w + x) * k->channels + i];
  randconv_image(cfg, c, k->weight, buffer + c->filt_base * 16);
  randconv_entries(c, k->entry, buffer + c->param_base * 16);
}

static randconv_limits_t limits(const weft_config_t *cfg) { return (randconv_limits_t){cfg->buf_words / 4, 100000}; }

/* Tensors for a geometry. */
static void draw(rand_t *r, const weft_config_t *cfg, case_t *k) {
  const weft_conv_t *c = &k->c;
  k->depth = randconv_depth(cfg, c);
  int64_t most = 0;   /* channels that some filter looks at */
  for (int64_t m = 0; m < c->M; m++) most = weft_max64(most, randconv_first_channel(cfg, c, m) + k->depth);
  most = weft_min64(most, c->in_pix * 16);
  k->channels = rand_in(r, weft_max64(1, most - 5), most);
  k->ifmap = malloc((size_t)(c->in_h * c->in_w * k->channels));
  k->weight = malloc((size_t)(c->M * c->R * c->S * k->depth));
  k->entry = malloc((size_t)c->M * sizeof *k->entry);
  assert_true(k->ifmap && k->weight && k->entry);
  fill(r, k->ifmap, c->in_h * c->in_w * k->channels);
  fill(r, k->weight, c->M * c->R * c->S * k->depth);
  if (rand_chance(r, 5)) {   /* the largest psums */
    memset(k->ifmap, rand_chance(r, 50) ? INT8_MIN : INT8_MAX, (size_t)(c->in_h * c->in_w * k->channels));
    memset(k->weight, rand_chance(r, 50) ? INT8_MIN : INT8_MAX, (size_t)(c->M * c->R * c->S * k->depth));
  }
  for (int64_t m = 0; m < c->M; m++) {
    k->entry[m] = randconv_entry(r, c->R * c->S * k->depth);
    for (int64_t i = 0; i < c->R * c->S * k->depth; i++)   /* channels that do not exist have filter bytes equal to zw */
      if (randconv_first_channel(cfg, c, m) + i % k->depth >= k->channels) k->weight[m * c->R * c->S * k->depth + i] = (int8_t)c->zw;
  }
}

/* The convolution by its definition. */
static int64_t direct_sum(const weft_config_t *cfg, const case_t *k, int64_t oy, int64_t ox, int64_t m) {
  const weft_conv_t *c = &k->c;
  int64_t sum = 0, first = randconv_first_channel(cfg, c, m);
  for (int64_t r = 0; r < c->R; r++)
    for (int64_t s = 0; s < c->S; s++) {
      int64_t y = oy * c->stride_y - c->pad_top + r * c->dil_y, x = ox * c->stride_x - c->pad_left + s * c->dil_x;
      if (y < 0 || x < 0 || y >= c->in_h || x >= c->in_w || (y == c->in_h - 1 && x >= c->in_w_last)) continue;
      for (int64_t j = 0; j < k->depth && first + j < k->channels; j++)
        sum += (k->weight[((m * c->R + r) * c->S + s) * k->depth + j] - c->zw) *
               (k->ifmap[(y * c->in_w + x) * k->channels + first + j] - c->zx);
    }
  return sum;
}

/* `before`: n commands whose psums the last of them has left. */
static int8_t direct(const weft_config_t *cfg, const case_t *k, const case_t *before, int n, int64_t oy, int64_t ox, int64_t m) {
  const weft_conv_t *c = &k->c;
  int64_t sum = k->entry[m].bias + direct_sum(cfg, k, oy, ox, m);
  for (int i = 0; i < n; i++) sum += direct_sum(cfg, &before[i], oy, ox, m);
  if (k->entry[m].part & 1) {
    int32_t v = rig_scale((int32_t)(uint32_t)sum, k->entry[m].mult, k->entry[m].ls, k->entry[m].rs, (int)c->zo);
    v = v < -32768 ? -32768 : v > 32767 ? 32767 : v;
    return (int8_t)(k->entry[m].part & 2 ? v / 256 - (v < 0 && v % 256) : v & 255);
  }
  return rig_requantise((int32_t)(uint32_t)sum, k->entry[m].mult, k->entry[m].ls, k->entry[m].rs, (int)c->zo, (int)c->act_min,
                        (int)c->act_max);
}

enum { PACKETS_MAX = 4096 };

/* Ifmap packets of a pass by their definition: the distinct (row, channel packet) that some pair and output row of the fold needs. */
static void literal_packets(const weft_config_t *cfg, const weft_conv_t *c, int64_t mb, int64_t yb, int64_t xb, int64_t f, uint64_t *n) {
  static int64_t seen[PACKETS_MAX][2];
  int64_t count = 0, q = (int64_t)cfg->lanes << c->qw_lg, F = weft_min64(c->FT, c->OW - xb * c->FT);
  int64_t E = c->e_cols * (c->kind == WEFT_CHAIN_ROWS ? c->nchain : 1);
  for (int64_t pair = f * c->pairs; pair < (f + 1) * c->pairs && pair < c->R * c->groups; pair++)
    for (int64_t e = 0; e < E; e++)
      for (int64_t j = 0; j < q; j++) {
        int64_t y = (yb * c->y_step + e) * c->stride_y - c->pad_top + pair % c->R * c->dil_y;
        int64_t cb = ((mb * c->g_step + pair / c->R) * q + j) / cfg->net_bytes, i = 0;
        while (i < count && (seen[i][0] != y || seen[i][1] != cb)) i++;
        if (i < count) continue;
        assert_true(count < PACKETS_MAX);
        seen[count][0] = y;
        seen[count++][1] = cb;
      }
  for (int64_t x = 0; x < (F - 1) * c->stride_x + (c->S - 1) * c->dil_x + 1; x++)
    for (int64_t i = 0; i < count; i++) {
      int64_t y = seen[i][0], xi = xb * c->FT * c->stride_x - c->pad_left + x;
      bool zero = y < 0 || y >= c->in_h || xi < 0 || xi >= c->in_w || (y == c->in_h - 1 && xi >= c->in_w_last);
      n[WEFT_CNT_NOC_IFMAP]++;
      n[zero ? WEFT_CNT_NOC_ZERO : WEFT_CNT_BUF_IFMAP]++;
    }
}

static int64_t literal_filter_load(const weft_config_t *cfg, const weft_conv_t *c, uint64_t *n) {
  int64_t tags = c->kind == WEFT_CHAIN_ROWS ? c->chain_len : c->chain_len * c->nchain, bytes = 0;
  for (int64_t k = 0; k * cfg->net_bytes < c->P * c->K * cfg->lanes; k++)
    for (int64_t i = 0; i < c->T * tags; i++) {
      n[WEFT_CNT_NOC_FILTER]++;
      bytes += cfg->net_bytes;
    }
  n[WEFT_CNT_BUF_FILTER] += (uint64_t)((bytes + 15) / 16);
  return bytes;
}

/* Words with a valid byte that each column writes for one output position of each chain. */
static void literal_ofmap(const weft_conv_t *c, int64_t mb, int64_t yb, int64_t ox, uint64_t *n) {
  bool rows = c->kind == WEFT_CHAIN_ROWS;
  for (int64_t e = 0; e < c->e_cols; e++)
    for (int64_t t = 0; t < c->T; t++)
      for (int64_t chain = 0; chain < (rows ? c->nchain : 1); chain++) {
        int64_t oy = yb * c->y_step + chain * c->e_cols + e, last = -1;
        if (oy >= c->OH || (oy == c->OH - 1 && ox >= c->OW_last)) continue;
        for (int64_t i = 0; i < c->MT; i++) {
          int64_t m = (mb * c->T + t) * c->MT + i;
          if (m >= c->M || (c->out_c0 + m) / 16 == last) continue;
          last = (c->out_c0 + m) / 16;
          n[WEFT_CNT_BUF_OFMAP]++;
        }
      }
}

static void literal_counts(const weft_config_t *cfg, const weft_conv_t *c, uint64_t n[WEFT_COUNTERS]) {
  for (int64_t mb = 0; mb < c->NM; mb++) {
    if (!c->psum_out) n[WEFT_CNT_BUF_PARAM] += (uint64_t)(c->T * c->MT);
    if (c->folds == 1) literal_filter_load(cfg, c, n);
    for (int64_t yb = 0; yb < c->NY; yb++)
      for (int64_t xb = 0; xb < c->NX; xb++)
        for (int64_t f = 0; f < c->folds; f++) {
          if (c->folds > 1) literal_filter_load(cfg, c, n);
          literal_packets(cfg, c, mb, yb, xb, f, n);
          for (int64_t x = 0; x < c->FT && xb * c->FT + x < c->OW; x++) {
            if (f == c->folds - 1 && !c->psum_out) literal_ofmap(c, mb, yb, xb * c->FT + x, n);
            for (int64_t p = 0; p < c->P; p++) {
              n[WEFT_CNT_ISSUE] += (uint64_t)c->K;
              n[WEFT_CNT_MAC] += (uint64_t)(c->K * c->chain_len * c->nchain * c->e_cols * c->T * cfg->lanes);
              for (int64_t chain = 0; chain < c->nchain; chain++) {
                const bool goes = f == c->folds - 1 && !c->psum_out;
                if (f > 0 || c->psum_in) n[WEFT_CNT_ACC_READ]++;
                n[goes ? WEFT_CNT_PSUM_OUT : WEFT_CNT_ACC_WRITE]++;
              }
            }
          }
        }
  }
}

static void check_case(rig_t *g, const case_t *k, const case_t *before, int chained, uint64_t seed) {
  const weft_config_t *cfg = g->m.cfg;
  const weft_conv_t *c = &k->c;
  size_t bytes = weft_machine_buffer_bytes(cfg);
  uint8_t *want = malloc(bytes);
  assert_non_null(want);
  memcpy(want, g->m.buffer, bytes);
  for (int64_t m = 0; m < c->M && m < c->NM * c->T * c->MT && !c->psum_out; m++)
    for (int64_t oy = 0; oy < c->OH && oy < c->NY * c->y_step; oy++)
      for (int64_t ox = 0; ox < (oy == c->OH - 1 ? c->OW_last : c->OW) && ox < c->NX * c->FT; ox++) {
        int64_t a = c->out_c0 + m;
        want[(c->out_base + oy * c->out_row + ox * c->out_pix + a / 16) * 16 + a % 16] = (uint8_t)direct(cfg, k, before, chained, oy, ox, m);
      }
  rig_add(g, c);
  uint32_t status = rig_run(g);
  if (status != WEFT_STATUS_DONE) fail_msg("%s seed %llu: error cause %x", cfg->name, (unsigned long long)seed, g->m.error_cause);
  for (size_t i = 0; i < bytes; i++)
    if (g->m.buffer[i] != want[i])
      fail_msg("%s seed %llu kind %d: byte %zu is %d, not %d", cfg->name, (unsigned long long)seed, (int)c->kind, i,
               (int8_t)g->m.buffer[i], (int8_t)want[i]);
  uint64_t n[WEFT_COUNTERS] = {0};
  n[WEFT_CNT_FETCH_BEATS] = WEFT_CMD_BYTES / (uint64_t)cfg->bus_bytes;
  literal_counts(cfg, c, n);
  for (int i = 0; i < WEFT_COUNTERS; i++)
    if (weft_counter_exact[i] && g->m.counter[i] != n[i])
      fail_msg("%s seed %llu kind %d: %s is %llu, not %llu", cfg->name, (unsigned long long)seed, (int)c->kind, weft_counter_name[i],
               (unsigned long long)g->m.counter[i], (unsigned long long)n[i]);
  free(want);
}

static void random_convolutions(void **state) {
  (void)state;
  enum { CASES = 60 };
  int kinds[3] = {0}, folded = 0;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++)
    for (uint64_t seed = 1; seed <= CASES; seed++) {
      rand_t r = {seed};
      rig_t g;
      case_t k = {0};
      rig_open(&g, cfg, &r);
      const randconv_limits_t most = limits(cfg);
      randconv_geometry(&r, cfg, &most, &k.c);
      draw(&r, cfg, &k);
      place(&r, cfg, &k, g.m.buffer);
      check_case(&g, &k, NULL, 0, seed);
      kinds[k.c.kind]++;
      folded += k.c.folds > 1;
      case_free(&k);
      rig_close(&g);
    }
  printf("kinds ROWS %d FILTERS %d GROUPS %d, folded %d\n", kinds[0], kinds[1], kinds[2], folded);
  assert_true(kinds[0] > 20 && kinds[1] > 20 && kinds[2] > 20 && folded > 20);
}

/* Psums that stay from command to command: the last one's ofmap is the sum of all, the others write nothing. */
static void random_chains(void **state) {
  (void)state;
  enum { CASES = 30, MOST = 4 };
  int kinds[3] = {0}, other = 0;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++)
    for (uint64_t seed = 1; seed <= CASES; seed++) {
      rand_t r = {seed + 1000};
      rig_t g;
      case_t k[MOST];
      const randconv_limits_t most = limits(cfg);
      const int n = (int)rand_in(&r, 2, MOST);
      memset(k, 0, sizeof k);
      rig_open(&g, cfg, &r);
      for (int i = 0; i < n; i++) {
        weft_conv_t *c = &k[i].c;
        if (i) randconv_like(&r, cfg, &most, &k[i - 1].c, c);
        else randconv_geometry(&r, cfg, &most, c);
        if (!i) randconv_one_group(cfg, c);
        other += i && c->folds != k[i - 1].c.folds;
        c->psum_in = i > 0;
        c->psum_out = i + 1 < n;
        draw(&r, cfg, &k[i]);
        place(&r, cfg, &k[i], g.m.buffer);
        if (c->psum_out) c->out_base = c->param_base = UINT16_MAX;      /* beyond the buffer: not looked at */
        check_case(&g, &k[i], k, i, seed);
        memset(g.m.counter, 0, sizeof g.m.counter);
      }
      kinds[k[0].c.kind]++;
      for (int i = 0; i < n; i++) case_free(&k[i]);
      rig_close(&g);
    }
  printf("chains: kinds ROWS %d FILTERS %d GROUPS %d, commands with another number of folds than the one before %d\n", kinds[0], kinds[1], kinds[2], other);
  assert_true(kinds[0] > 20 && kinds[1] > 20 && kinds[2] > 20 && other > 50);
}

/* DEPTHWISE_CONV_2D as TFLite defines it: output channel ic*multiplier + k looks at input channel ic only. On the array: groups of q
 * channels, each with q*multiplier filters that are zero except in one channel. */
static void depthwise(void **state) {
  (void)state;
  enum { H = 7, W = 6, C = 13, MUL = 2, R = 3, S = 3, M = C * MUL };
  rand_t r = {99};
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++) {
    rig_t g;
    rig_open(&g, cfg, &r);
    case_t k = {0};
    int64_t chains = weft_max64(1, weft_min64(cfg->rows / R, S));   /* at most K chains, K >= S */
    k.c = (weft_conv_t){.opcode = WEFT_CMD_CONV, .in_h = H, .in_w = W, .in_w_last = W, .pad_top = 1, .pad_left = 1, .stride_y = 1,
                        .stride_x = 2, .dil_y = 1, .dil_x = 1, .R = R, .S = S, .kind = WEFT_CHAIN_GROUPS,
                        .chain_len = weft_min64(R, cfg->rows), .nchain = chains, .groups = chains, .g_step = chains,
                        .P = cfg->lanes * MUL, .e_cols = cfg->cols, .T = 1, .FT = 2, .OH = H, .OW = 3, .OW_last = 3, .M = M, .zx = -7,
                        .zw = 0, .zo = 4, .act_min = -128, .act_max = 127};
    weft_conv_derive(cfg, &k.c);
    k.c.in_pix = 1 + 15 * 16 / 16;   /* every group of the last block exists in the buffer */
    k.c.in_row = W * k.c.in_pix;
    k.c.out_pix = 2;
    k.c.out_row = 3 * 2;
    k.channels = C;
    k.depth = cfg->lanes;
    int8_t filter[R][S][M], *x = malloc(H * W * C);
    fill(&r, &filter[0][0][0], R * S * M);
    fill(&r, x, H * W * C);
    k.ifmap = x;
    k.weight = calloc(1, (size_t)(M * R * S * k.depth));
    k.entry = malloc(M * sizeof *k.entry);
    for (int m = 0; m < M; m++) {
      k.entry[m] = (randconv_entry_t){(int32_t)rand_in(&r, -500, 500), (int32_t)rand_in(&r, 1 << 30, INT32_MAX), 0, 8, 0};
      for (int i = 0; i < R * S; i++)
        k.weight[(m * R * S + i) * k.depth + m / MUL % k.depth] = filter[i / S][i % S][m];
    }
    place(&r, cfg, &k, g.m.buffer);
    rig_add(&g, &k.c);
    assert_int_equal(rig_run(&g), WEFT_STATUS_DONE);
    for (int oy = 0; oy < H; oy++)
      for (int ox = 0; ox < 3; ox++)
        for (int m = 0; m < M; m++) {
          int32_t sum = k.entry[m].bias;
          for (int i = 0; i < R * S; i++) {
            int y = oy - 1 + i / S, xi = 2 * ox - 1 + i % S;
            if (y >= 0 && y < H && xi >= 0 && xi < W) sum += filter[i / S][i % S][m] * (x[(y * W + xi) * C + m / MUL] + 7);
          }
          int8_t want = rig_requantise(sum, k.entry[m].mult, 0, 8, 4, -128, 127);
          int8_t got = (int8_t)g.m.buffer[(k.c.out_base + oy * k.c.out_row + ox * k.c.out_pix + m / 16) * 16 + m % 16];
          if (got != want) fail_msg("%s (%d, %d, %d): %d, not %d", cfg->name, oy, ox, m, got, want);
        }
    case_free(&k);
    rig_close(&g);
  }
}

/* Two filters that differ in one byte of the image differ in exactly the outputs that this filter makes. */
static void wrong_image_gives_wrong_result(void **state) {
  (void)state;
  const weft_config_t *cfg = weft_config_find("tiny");
  rand_t r = {5};
  rig_t g;
  rig_open(&g, cfg, &r);
  case_t k = {0};
  k.c = (weft_conv_t){.opcode = WEFT_CMD_CONV, .in_h = 4, .in_w = 4, .in_w_last = 4, .stride_y = 1, .stride_x = 1, .dil_y = 1, .dil_x = 1,
                      .R = 1, .S = 1, .chain_len = 1, .nchain = 1, .groups = 1, .P = 4, .e_cols = 2, .T = 1, .FT = 4, .OH = 4, .OW = 4,
                      .OW_last = 4, .M = 4, .act_min = -128, .act_max = 127, .in_pix = 1, .in_row = 4, .out_pix = 1, .out_row = 4};
  weft_conv_derive(cfg, &k.c);
  k.channels = k.depth = 4;
  k.ifmap = malloc(64);
  k.weight = calloc(1, 16);
  k.entry = malloc(4 * sizeof *k.entry);
  memset(k.ifmap, 1, 64);
  for (int m = 0; m < 4; m++) k.entry[m] = (randconv_entry_t){m, 1 << 30, 1, 0, 0};   /* factor 1 */
  place(&r, cfg, &k, g.m.buffer);
  g.m.buffer[k.c.filt_base * 16 + 2 * 4 + 1] = 50;   /* filter 2, channel 1 */
  rig_add(&g, &k.c);
  assert_int_equal(rig_run(&g), WEFT_STATUS_DONE);
  for (int i = 0; i < 16; i++)
    for (int m = 0; m < 4; m++) assert_int_equal((int8_t)g.m.buffer[(k.c.out_base + i) * 16 + m], m == 2 ? 52 : m);
  case_free(&k);
  rig_close(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_convolutions),
      cmocka_unit_test(random_chains),
      cmocka_unit_test(depthwise),
      cmocka_unit_test(wrong_image_gives_wrong_result),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
