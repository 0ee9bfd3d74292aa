// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef COPENSSL_H
#define COPENSSL_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/objects.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// The functions of OpenSSL that are called. They are looked up when the first of them is needed, rather than when the
// program starts: then a program that uses no TLS starts as fast as without the library, and does not need it.

#define COPENSSL_OF_LIBSSL(FUNCTION) \
  FUNCTION(DTLS_client_method) \
  FUNCTION(DTLS_server_method) \
  FUNCTION(DTLSv1_listen) \
  FUNCTION(OPENSSL_init_ssl) \
  FUNCTION(PEM_read_bio_SSL_SESSION) \
  FUNCTION(PEM_write_bio_SSL_SESSION) \
  FUNCTION(SSL_CTX_callback_ctrl) \
  FUNCTION(SSL_CTX_check_private_key) \
  FUNCTION(SSL_CTX_ctrl) \
  FUNCTION(SSL_CTX_free) \
  FUNCTION(SSL_CTX_get0_certificate) \
  FUNCTION(SSL_CTX_get0_privatekey) \
  FUNCTION(SSL_CTX_get_cert_store) \
  FUNCTION(SSL_CTX_new) \
  FUNCTION(SSL_CTX_sess_set_new_cb) \
  FUNCTION(SSL_CTX_set_alpn_protos) \
  FUNCTION(SSL_CTX_set_alpn_select_cb) \
  FUNCTION(SSL_CTX_set_cert_cb) \
  FUNCTION(SSL_CTX_set_cert_verify_callback) \
  FUNCTION(SSL_CTX_set_cipher_list) \
  FUNCTION(SSL_CTX_set_ciphersuites) \
  FUNCTION(SSL_CTX_set_client_CA_list) \
  FUNCTION(SSL_CTX_set_cookie_generate_cb) \
  FUNCTION(SSL_CTX_set_cookie_verify_cb) \
  FUNCTION(SSL_CTX_set_default_read_buffer_len) \
  FUNCTION(SSL_CTX_set_default_verify_paths) \
  FUNCTION(SSL_CTX_set_info_callback) \
  FUNCTION(SSL_CTX_set_keylog_callback) \
  FUNCTION(SSL_CTX_set_num_tickets) \
  FUNCTION(SSL_CTX_set_options) \
  FUNCTION(SSL_CTX_set_session_id_context) \
  FUNCTION(SSL_CTX_set_verify) \
  FUNCTION(SSL_CTX_use_PrivateKey) \
  FUNCTION(SSL_CTX_use_certificate) \
  FUNCTION(SSL_SESSION_free) \
  FUNCTION(SSL_SESSION_get0_id_context) \
  FUNCTION(SSL_ctrl) \
  FUNCTION(SSL_do_handshake) \
  FUNCTION(SSL_free) \
  FUNCTION(SSL_get0_alpn_selected) \
  FUNCTION(SSL_get0_param) \
  FUNCTION(SSL_get0_verified_chain) \
  FUNCTION(SSL_get1_peer_certificate) \
  FUNCTION(SSL_get_current_cipher) \
  FUNCTION(SSL_get_error) \
  FUNCTION(SSL_get_ex_data) \
  FUNCTION(SSL_get_ex_data_X509_STORE_CTX_idx) \
  FUNCTION(SSL_get_servername) \
  FUNCTION(SSL_get_verify_result) \
  FUNCTION(SSL_get_version) \
  FUNCTION(SSL_group_to_name) \
  FUNCTION(SSL_CIPHER_get_name) \
  FUNCTION(SSL_has_pending) \
  FUNCTION(SSL_load_client_CA_file) \
  FUNCTION(SSL_new) \
  FUNCTION(SSL_peek_ex) \
  FUNCTION(SSL_pending) \
  FUNCTION(SSL_read_ex) \
  FUNCTION(SSL_session_reused) \
  FUNCTION(SSL_set_bio) \
  FUNCTION(SSL_set_accept_state) \
  FUNCTION(SSL_set_connect_state) \
  FUNCTION(SSL_set_ex_data) \
  FUNCTION(SSL_set_session) \
  FUNCTION(SSL_shutdown) \
  FUNCTION(SSL_write_ex) \
  FUNCTION(TLS_client_method) \
  FUNCTION(TLS_server_method)

#define COPENSSL_OF_LIBCRYPTO(FUNCTION) \
  FUNCTION(ASN1_INTEGER_cmp) \
  FUNCTION(ASN1_INTEGER_get) \
  FUNCTION(ASN1_INTEGER_set_uint64) \
  FUNCTION(ASN1_STRING_get0_data) \
  FUNCTION(ASN1_STRING_length) \
  FUNCTION(ASN1_TIME_to_tm) \
  FUNCTION(BIO_ADDR_free) \
  FUNCTION(BIO_ADDR_new) \
  FUNCTION(BIO_clear_flags) \
  FUNCTION(BIO_ctrl) \
  FUNCTION(BIO_free) \
  FUNCTION(BIO_get_data) \
  FUNCTION(BIO_get_new_index) \
  FUNCTION(BIO_meth_new) \
  FUNCTION(BIO_meth_set_ctrl) \
  FUNCTION(BIO_meth_set_read_ex) \
  FUNCTION(BIO_meth_set_write_ex) \
  FUNCTION(BIO_new) \
  FUNCTION(BIO_new_mem_buf) \
  FUNCTION(BIO_s_mem) \
  FUNCTION(BIO_set_data) \
  FUNCTION(BIO_set_flags) \
  FUNCTION(BIO_set_init) \
  FUNCTION(CRYPTO_free) \
  FUNCTION(CRYPTO_malloc) \
  FUNCTION(ERR_clear_error) \
  FUNCTION(ERR_peek_last_error) \
  FUNCTION(ERR_reason_error_string) \
  FUNCTION(EVP_Digest) \
  FUNCTION(EVP_PKEY_CTX_free) \
  FUNCTION(EVP_PKEY_CTX_new_from_name) \
  FUNCTION(EVP_PKEY_CTX_set_group_name) \
  FUNCTION(EVP_PKEY_CTX_set_rsa_keygen_bits) \
  FUNCTION(EVP_PKEY_free) \
  FUNCTION(EVP_PKEY_generate) \
  FUNCTION(EVP_PKEY_keygen_init) \
  FUNCTION(EVP_Q_digest) \
  FUNCTION(EVP_get_digestbyname) \
  FUNCTION(EVP_read_pw_string) \
  FUNCTION(EVP_sha1) \
  FUNCTION(EVP_sha256) \
  FUNCTION(GENERAL_NAMES_free) \
  FUNCTION(HMAC) \
  FUNCTION(OBJ_nid2sn) \
  FUNCTION(OBJ_obj2nid) \
  FUNCTION(OCSP_BASICRESP_free) \
  FUNCTION(OCSP_RESPONSE_free) \
  FUNCTION(OCSP_SINGLERESP_get0_id) \
  FUNCTION(OCSP_basic_verify) \
  FUNCTION(OCSP_crl_reason_str) \
  FUNCTION(OCSP_id_get0_info) \
  FUNCTION(OCSP_resp_count) \
  FUNCTION(OCSP_resp_get0) \
  FUNCTION(OCSP_response_get1_basic) \
  FUNCTION(OCSP_response_status) \
  FUNCTION(OCSP_response_status_str) \
  FUNCTION(OCSP_single_get0_status) \
  FUNCTION(OPENSSL_sk_free) \
  FUNCTION(OPENSSL_sk_num) \
  FUNCTION(OPENSSL_sk_value) \
  FUNCTION(OpenSSL_version) \
  FUNCTION(PEM_read_bio_PrivateKey) \
  FUNCTION(PEM_read_bio_X509_AUX) \
  FUNCTION(PEM_read_bio_X509_CRL) \
  FUNCTION(PKCS12_free) \
  FUNCTION(PKCS12_parse) \
  FUNCTION(RAND_bytes) \
  FUNCTION(TLS_FEATURE_free) \
  FUNCTION(X509V3_EXT_nconf_nid) \
  FUNCTION(X509V3_set_ctx) \
  FUNCTION(X509_CRL_free) \
  FUNCTION(X509_EXTENSION_free) \
  FUNCTION(X509_NAME_add_entry_by_txt) \
  FUNCTION(X509_NAME_digest) \
  FUNCTION(X509_NAME_print_ex) \
  FUNCTION(X509_STORE_CTX_get0_cert) \
  FUNCTION(X509_STORE_CTX_get_current_cert) \
  FUNCTION(X509_STORE_CTX_get_error) \
  FUNCTION(X509_STORE_CTX_get_ex_data) \
  FUNCTION(X509_STORE_CTX_set_error) \
  FUNCTION(X509_STORE_add_cert) \
  FUNCTION(X509_STORE_add_crl) \
  FUNCTION(X509_STORE_free) \
  FUNCTION(X509_STORE_load_path) \
  FUNCTION(X509_STORE_new) \
  FUNCTION(X509_STORE_set_flags) \
  FUNCTION(X509_VERIFY_PARAM_set1_host) \
  FUNCTION(X509_VERIFY_PARAM_set1_ip_asc) \
  FUNCTION(X509_VERIFY_PARAM_set_hostflags) \
  FUNCTION(X509_add_ext) \
  FUNCTION(X509_check_issued) \
  FUNCTION(X509_digest) \
  FUNCTION(X509_free) \
  FUNCTION(X509_get0_notAfter) \
  FUNCTION(X509_get0_notBefore) \
  FUNCTION(X509_get_X509_PUBKEY) \
  FUNCTION(X509_get_ext_d2i) \
  FUNCTION(X509_get_issuer_name) \
  FUNCTION(X509_get_serialNumber) \
  FUNCTION(X509_get_subject_name) \
  FUNCTION(X509_getm_notAfter) \
  FUNCTION(X509_getm_notBefore) \
  FUNCTION(X509_gmtime_adj) \
  FUNCTION(X509_new) \
  FUNCTION(X509_pubkey_digest) \
  FUNCTION(X509_set_issuer_name) \
  FUNCTION(X509_set_pubkey) \
  FUNCTION(X509_set_version) \
  FUNCTION(X509_sign) \
  FUNCTION(X509_verify_cert) \
  FUNCTION(X509_verify_cert_error_string) \
  FUNCTION(d2i_OCSP_RESPONSE) \
  FUNCTION(d2i_PKCS12_bio) \
  FUNCTION(i2d_X509_PUBKEY)

/// The functions of the loaded library, each under its own name.
struct openssl_functions {
#define COPENSSL_FIELD(name) __typeof__(name) *name;
  COPENSSL_OF_LIBSSL(COPENSSL_FIELD)
  COPENSSL_OF_LIBCRYPTO(COPENSSL_FIELD)
#undef COPENSSL_FIELD
};

/// The loaded library; all fields are null before `copenssl_load` has succeeded.
extern struct openssl_functions openssl;

/// Loads libssl.so.3 and libcrypto.so.3, and fills in `openssl`. To be called once.
///
/// Returns null, or the reason for a failure, which stays valid.
const char *copenssl_load(void);

// Constants whose macros have parameters, which Swift does not import.
static const uint64_t copenssl_no_renegotiation = SSL_OP_NO_RENEGOTIATION;
static const uint64_t copenssl_no_compression = SSL_OP_NO_COMPRESSION;
static const uint64_t copenssl_server_preference = SSL_OP_CIPHER_SERVER_PREFERENCE;
static const uint64_t copenssl_no_query_mtu = SSL_OP_NO_QUERY_MTU;
static const uint64_t copenssl_cookie_exchange = SSL_OP_COOKIE_EXCHANGE;
static const uint64_t copenssl_no_ticket = SSL_OP_NO_TICKET;
static const long copenssl_moving_write_buffer = SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;
static const long copenssl_release_buffers = SSL_MODE_RELEASE_BUFFERS;

/// The form of RFC 4514, with the characters of UTF-8 as they are.
static const unsigned long copenssl_name_format = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

#endif
