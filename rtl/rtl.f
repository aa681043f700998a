rtl/lib/stream_fifo.v
rtl/lib/ram_1r1w.v
