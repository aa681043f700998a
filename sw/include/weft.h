/* SPDX-License-Identifier: Apache-2.0
 *
 * The public C API of Weft: load a network, compile it for a configuration, open a device, run, ask questions.
 *
 *   weft_net_t *net;  weft_plan_t *plan;  weft_device_t *dev;  weft_session_t *s;  weft_msg_t m;
 *   weft_net_load("net.tflite", &net, &m);
 *   weft_plan_make(net, "weft672", 0, &plan, &m);
 *   weft_device_open("model", "weft672", NULL, &dev, &m);
 *   weft_session_open(dev, plan, &s, &m);
 *   weft_session_write(s, 0, image, image_bytes, &m);
 *   weft_session_run(s, &m);
 *   weft_session_read(s, 0, result, result_bytes, &m);
 *
 * Every call that can fail returns 0 or a negative weft_error and writes one line for a person into m (NULL: not wanted);
 * it then leaves its result handle NULL. Handles may be freed in any order and NULL may be freed: what still needs
 * another handle keeps it alive. Threads: networks and plans never change and may be shared; a device and its sessions
 * belong to one thread at a time. There is no global state. Before version 1.0 a minor version may change this file.
 */
#ifndef WEFT_H
#define WEFT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what libweft.so exports; the build reads the names from here. */
#define WEFT_API extern

enum weft_error {
  WEFT_OK = 0,
  WEFT_E_ARG = -1,         /* caller's mistake */
  WEFT_E_FILE = -2,        /* cannot open, read or write */
  WEFT_E_FORMAT = -3,      /* the bytes are not what they claim to be */
  WEFT_E_UNSUPPORTED = -4, /* well-formed but outside what Weft does; the message says what is accepted */
  WEFT_E_MEMORY = -5,
  WEFT_E_DEVICE = -6,      /* the device reported an error or did not answer */
  WEFT_E_INTERNAL = -7
};

/* A message for a person, always terminated. */
typedef struct { char msg[320]; } weft_msg_t;

/* Element types of tensors, in memory as C has them (little endian hosts); INT4 is stored one element a byte. */
typedef enum {
  WEFT_I8, WEFT_U8, WEFT_I16, WEFT_I32, WEFT_I64, WEFT_F32, WEFT_BOOL, WEFT_I4
} weft_dtype_t;

typedef struct weft_net weft_net_t;            /* a network as the file has it */
typedef struct weft_plan weft_plan_t;          /* the same, compiled for one configuration */
typedef struct weft_device weft_device_t;      /* a place to run: the machine model or the Verilated RTL */
typedef struct weft_session weft_session_t;    /* a plan loaded into a device */

/* ---- what this library is */
WEFT_API const char *weft_version(void);               /* "0.1.0", also the version of the machine */
WEFT_API const char *weft_list_config(int i);          /* name of configuration i, NULL beyond the last */
WEFT_API const char *weft_list_counter(int i);         /* name of device counter i, NULL beyond the last */

/* ---- networks */
typedef struct {
  const char *name;            /* lives as long as the network */
  weft_dtype_t type;
  int rank;                    /* 0..6 */
  int32_t dim[6];              /* row-major (NHWC for images) */
  size_t bytes;
  float scale;                 /* real = scale * (stored - zero); 0: not quantised, or a scale for each channel */
  int32_t zero;
} weft_tensor_info_t;

WEFT_API int weft_net_load(const char *path, weft_net_t **out, weft_msg_t *m);             /* a .tflite file */
WEFT_API int weft_net_load_bytes(const void *bytes, size_t size, weft_net_t **out, weft_msg_t *m);  /* its bytes; copied */
WEFT_API void weft_net_free(weft_net_t *net);
WEFT_API int weft_net_inputs(const weft_net_t *net);   /* counts; 0 for NULL */
WEFT_API int weft_net_outputs(const weft_net_t *net);
WEFT_API int weft_net_tensors(const weft_net_t *net);
/* Input i, output i, tensor i in the file's order. WEFT_E_ARG beyond the last. */
WEFT_API int weft_net_input(const weft_net_t *net, int i, weft_tensor_info_t *info, weft_msg_t *m);
WEFT_API int weft_net_output(const weft_net_t *net, int i, weft_tensor_info_t *info, weft_msg_t *m);
WEFT_API int weft_net_tensor(const weft_net_t *net, int i, weft_tensor_info_t *info, weft_msg_t *m);

/* ---- plans */
enum weft_plan_flag {
  WEFT_PLAN_KEEP_ALL = 1,      /* every tensor keeps its own memory, so that weft_session_tensor() can read it after a run */
  WEFT_PLAN_PER_LAYER = 2      /* one job for each layer: slower, but counters can be told apart by layer */
};
typedef struct {
  int layers, npu_layers, cpu_layers;  /* layers that are neither only give bytes another shape */
  uint32_t commands;                   /* records of 128 bytes */
  size_t constant_bytes, arena_bytes;  /* filters and tables; feature maps */
  size_t dram_bytes;                   /* what a device needs to hold all of it */
  uint64_t macs, cycles;               /* per inference; cycles: of a timing model, DRAM reads taking 32 */
} weft_plan_info_t;
typedef enum { WEFT_UNIT_NONE, WEFT_UNIT_NPU, WEFT_UNIT_CPU } weft_unit_t;
typedef struct {
  const char *op;              /* the operator's TFLite name */
  const char *shape;           /* its shapes, short */
  const char *why;             /* on the NPU: how it is mapped; on the CPU: why */
  weft_unit_t unit;
  int tensor;                  /* that it produces */
  uint64_t macs, cycles;       /* cycles: that it adds to those of the layers before, by the same model */
} weft_layer_info_t;           /* the strings live as long as the plan */

/* config: a name of weft_list_config(); flags: a sum of weft_plan_flag. */
WEFT_API int weft_plan_make(weft_net_t *net, const char *config, unsigned flags, weft_plan_t **out, weft_msg_t *m);
WEFT_API void weft_plan_free(weft_plan_t *plan);
WEFT_API int weft_plan_info(const weft_plan_t *plan, weft_plan_info_t *info, weft_msg_t *m);
WEFT_API int weft_plan_layer(const weft_plan_t *plan, int layer, weft_layer_info_t *info, weft_msg_t *m);
WEFT_API int weft_plan_save(const weft_plan_t *plan, const char *path, weft_msg_t *m);     /* what `weft compile` writes; firmware takes the packed form of weft-pack (docs/firmware.md) */

/* ---- devices */
typedef struct {
  size_t dram_bytes;           /* 0: 64 MiB */
  unsigned seed;               /* 0: a memory without stalls; else the RTL's bus stalls at random, repeatable */
  int latency;                 /* DRAM read latency in cycles of the RTL's memory; 0: 32 */
  const char *trace;           /* FST file of waves (RTL built with TRACE=1), NULL: none */
  const char *sim_dir;         /* where <config>/libweft_rtl.so stands; NULL: searched, see docs/api.md */
} weft_device_opts_t;

/* target: "model" or "rtl". opts NULL: all zero. */
WEFT_API int weft_device_open(const char *target, const char *config, const weft_device_opts_t *opts, weft_device_t **out, weft_msg_t *m);
WEFT_API void weft_device_close(weft_device_t *dev);

/* ---- sessions: one at a time on a device */
WEFT_API int weft_session_open(weft_device_t *dev, weft_plan_t *plan, weft_session_t **out, weft_msg_t *m);
WEFT_API void weft_session_close(weft_session_t *s);
/* bytes must be the tensor's size. Inputs are written before each run (the device reuses their memory), but for plans with
 * WEFT_PLAN_KEEP_ALL, where they stay. */
WEFT_API int weft_session_write(weft_session_t *s, int input, const void *from, size_t bytes, weft_msg_t *m);
/* After WEFT_E_DEVICE the device has been reset and may be used again. */
WEFT_API int weft_session_run(weft_session_t *s, weft_msg_t *m);
/* Gives every variable of the network (the memory of recurrent and streaming networks) its first value again, as after opening. */
WEFT_API int weft_session_reset(weft_session_t *s, weft_msg_t *m);
WEFT_API int weft_session_read(weft_session_t *s, int output, void *to, size_t bytes, weft_msg_t *m);
/* Any tensor of a plan with WEFT_PLAN_KEEP_ALL; without it only outputs. */
WEFT_API int weft_session_tensor(weft_session_t *s, int tensor, void *to, size_t bytes, weft_msg_t *m);
/* Device counter i over the last run; layer < 0: all layers, else that layer of a plan with WEFT_PLAN_PER_LAYER. The
 * machine model has no time: its cycle counters are 0. */
WEFT_API int weft_session_counter(const weft_session_t *s, int i, int layer, uint64_t *value, weft_msg_t *m);

#ifdef __cplusplus
}
#endif
#endif
