# SPDX-License-Identifier: Apache-2.0
#
# The public library: libweft.so with the symbols of weft.h only, its pkg-config file, and `make install`.

PREFIX ?= /usr/local
DESTDIR ?=
OBJCOPY ?= objcopy
# The version has one place; the shared library's name changes with each version that may break callers.
version_part = $(shell awk -F'[ ,]+' '$$1 ~ /VERSION_$(1)$$/ {print $$2}' docs/spec/params.def)
VERSION := $(call version_part,MAJOR).$(call version_part,MINOR).$(call version_part,PATCH)
SONAME  := libweft.so.$(call version_part,MAJOR)$(if $(filter 0,$(call version_part,MAJOR)),.$(call version_part,MINOR))

$(B)/obj/sw/api/net.o: CFLAGS += -DWEFT_VERSION_TEXT='"$(VERSION)"'
$(B)/obj/sw/api/net.o: docs/spec/params.def

# The exported names are those that the header marks.
$(B)/gen/weft.map: sw/include/weft.h
	@mkdir -p $(@D)
	{ echo '{ global:'; sed -n 's/^WEFT_API .*[ *]\(weft_[a-z_]*\)(.*/\1;/p' $<; echo 'local: *; };'; } > $@
$(B)/libweft.so: $(LIB_O) $(B)/gen/weft.map
	$(CXX) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(B)/gen/weft.map -Wl,-z,defs -o $@ $(LIB_O) -ldl -lm
	@ln -sf libweft.so $(B)/$(SONAME)

# The static library for others: one object in which only those names are global, so that a program may have its own `conv` or `weft_fail`.
# (build/libweft.a, which the project's own programs and tests link, keeps every name.)
$(LIB_CC:%.cc=$(B)/obj/%.o): CXXFLAGS += -fno-gnu-unique       # else static data of inline functions stays global
$(B)/install/libweft.a: $(LIB_O) $(B)/gen/weft.map
	@mkdir -p $(@D)
	sed -n 's/.*\(weft_[a-z_]*\);$$/\1/p' $(B)/gen/weft.map > $(@D)/exports
	$(LD) -r --force-group-allocation -o $(@D)/weft.o $(LIB_O)
	$(OBJCOPY) --keep-global-symbols=$(@D)/exports --strip-unneeded $(@D)/weft.o
	@rm -f $@
	ar rcs $@ $(@D)/weft.o

define PC
prefix=$(PREFIX)
includedir=$${prefix}/include
libdir=$${prefix}/lib
simdir=$${libdir}/weft/sim

Name: weft
Description: Compiler, golden model and simulated device of the Weft neural processing unit
Version: $(VERSION)
Cflags: -I$${includedir}
Libs: -L$${libdir} -lweft
Libs.private: -lstdc++ -ldl -lm
endef
export PC

# Simulation libraries are optional and large to build: those that exist are installed.
install: $(B)/libweft.so $(B)/install/libweft.a $(B)/weft ## install header, libraries, program and built simulations (PREFIX= DESTDIR=)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 755 $(B)/weft $(DESTDIR)$(PREFIX)/bin/
	install -m 644 sw/include/weft.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(B)/install/libweft.a $(DESTDIR)$(PREFIX)/lib/
	install -m 755 $(B)/libweft.so $(DESTDIR)$(PREFIX)/lib/libweft.so.$(VERSION)
	ln -sf libweft.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libweft.so
	echo "$$PC" > $(DESTDIR)$(PREFIX)/lib/pkgconfig/weft.pc
	@for so in $(wildcard $(B)/sim/*/libweft_rtl.so); do d=$(DESTDIR)$(PREFIX)/lib/weft/sim/$$(basename $$(dirname $$so)); \
	  install -d $$d && install -m 755 $$so $$d/ && echo "installed $$d" || exit 1; done
.PHONY: install
