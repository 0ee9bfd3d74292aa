// SPDX-License-Identifier: GPL-3.0-or-later
// GNU MP's functions for natural numbers, which gmp.h defines as macros that Swift does not import.
//
// A number is an array of limbs, the lowest first. Unless stated otherwise, counts are positive, the highest limb of an
// operand is not zero, and the arrays of the result and of the operands do not overlap.

#include <gmp.h>

/// mpn_add: writes `left_count` limbs and returns the carry; `left_count` must not be less than `right_count`.
static inline mp_limb_t sockkit_natural_add(
  mp_limb_t *sum, const mp_limb_t *left, mp_size_t left_count, const mp_limb_t *right, mp_size_t right_count) {
  return mpn_add(sum, left, left_count, right, right_count);
}

/// mpn_sub: writes `left_count` limbs; the left number must not be less than the right one.
static inline void sockkit_natural_subtract(
  mp_limb_t *difference, const mp_limb_t *left, mp_size_t left_count, const mp_limb_t *right, mp_size_t right_count) {
  mpn_sub(difference, left, left_count, right, right_count);
}

/// mpn_mul: writes `left_count` + `right_count` limbs; `left_count` must not be less than `right_count`.
static inline void sockkit_natural_multiply(
  mp_limb_t *product, const mp_limb_t *left, mp_size_t left_count, const mp_limb_t *right, mp_size_t right_count) {
  mpn_mul(product, left, left_count, right, right_count);
}

/// mpn_tdiv_qr: writes `left_count` - `right_count` + 1 limbs of the quotient and `right_count` of the remainder;
/// `left_count` must not be less than `right_count`.
static inline void sockkit_natural_divide(
  mp_limb_t *quotient, mp_limb_t *remainder, const mp_limb_t *left, mp_size_t left_count, const mp_limb_t *right,
  mp_size_t right_count) {
  mpn_tdiv_qr(quotient, remainder, 0, left, left_count, right, right_count);
}

/// mpn_lshift: shifts by 1 to 63 bits, writes `count` limbs and returns the bits shifted out.
static inline mp_limb_t sockkit_natural_shift(
  mp_limb_t *result, const mp_limb_t *limbs, mp_size_t count, unsigned int bits) {
  return mpn_lshift(result, limbs, count, bits);
}

/// mpn_cmp: compares two numbers of `count` limbs.
static inline int sockkit_natural_compare(const mp_limb_t *left, const mp_limb_t *right, mp_size_t count) {
  return mpn_cmp(left, right, count);
}

/// mpn_get_str: writes decimal digits as numbers from 0 to 9, the highest first, possibly with leading zeros, and
/// returns their count. The limbs are destroyed, and need room for one more.
static inline size_t sockkit_natural_to_decimal(unsigned char *digits, mp_limb_t *limbs, mp_size_t count) {
  return mpn_get_str(digits, 10, limbs, count);
}

/// mpn_set_str: reads such digits, the first of which is not zero, and returns the number of limbs; `limbs` must have
/// room for one more than the number can have.
static inline mp_size_t sockkit_natural_from_decimal(mp_limb_t *limbs, const unsigned char *digits, size_t count) {
  return mpn_set_str(limbs, digits, count, 10);
}
