/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Takes back what a configuration made with gcc says that the compiler can, for
 * clang 16: named address spaces. Included behind that configuration, alone.
 */
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_USE_X86_SEG_SUPPORT
