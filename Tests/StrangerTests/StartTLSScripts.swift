// SPDX-License-Identifier: GPL-3.0-or-later

/// The scripts of the servers: their configuration, and how they run in the foreground.
extension StartTLSStranger {
  /// Postfix, with only the services that a dialogue needs.
  static let postfix = """
    cat > /etc/postfix/main.cf <<END
    compatibility_level = 3.6
    inet_interfaces = localhost
    inet_protocols = ipv4
    myhostname = localhost
    mydestination = localhost
    local_recipient_maps =
    alias_maps =
    alias_database =
    maillog_file = /dev/stdout
    smtpd_tls_cert_file = $3
    smtpd_tls_key_file = $4
    smtpd_tls_security_level = may
    END
    cat > /etc/postfix/master.cf <<END
    $1:$2 inet n - n - - smtpd
    postlog unix-dgram n - n - 1 postlogd
    cleanup unix n - n - 0 cleanup
    rewrite unix - - n - - trivial-rewrite
    anvil unix - - n - 1 anvil
    tlsmgr unix - - n 1000? 1 tlsmgr
    END
    touch -d yesterday /etc/postfix/*.cf
    cd /var/spool/postfix
    mkdir -p pid private public active incoming deferred maildrop /var/lib/postfix
    chown postfix private public active incoming deferred maildrop /var/lib/postfix
    exec /usr/lib/postfix/sbin/master -s
    """

  /// vsftpd, for anonymous users.
  static let vsftpd = """
    cat > /etc/vsftpd.conf <<END
    listen=YES
    background=NO
    listen_address=$1
    anon_root=/usr/share/empty
    listen_port=$2
    anonymous_enable=YES
    ssl_enable=YES
    allow_anon_ssl=YES
    ssl_ciphers=HIGH
    rsa_cert_file=$3
    rsa_private_key_file=$4
    secure_chroot_dir=/run/vsftpd
    END
    mkdir -p /run/vsftpd /usr/share/empty
    exec vsftpd /etc/vsftpd.conf
    """

  /// The server of OpenLDAP, without a database.
  static let slapd = """
    mkdir -p /run/slapd /var/lib/ldap
    cat > /etc/slapd.conf <<END
    include /etc/ldap/schema/core.schema
    TLSCertificateFile $3
    TLSCertificateKeyFile $4
    END
    exec slapd -f /etc/slapd.conf -h "ldap://$1:$2" -d stats
    """

  /// PostgreSQL, with a new database.
  static let postgreSQL = """
    PATH=$PATH:$(echo /usr/lib/postgresql/*/bin)
    cd /var/lib
    install -d -o postgres data
    cp $3 cert; cp $4 key
    chown postgres cert key
    chmod 600 key
    exec setpriv --reuid postgres --regid postgres --clear-groups sh -euc '
    initdb --no-sync --auth trust --no-instructions data
    exec postgres -D data -c listen_addresses=$1 -c port=$2 -c unix_socket_directories= -c ssl=on -c fsync=off -c ssl_cert_file=/var/lib/cert -c ssl_key_file=/var/lib/key' sh "$1" "$2"
    """

  /// MariaDB without the tables of privileges, so that everybody may log in.
  static let mariaDB = """
    install -d -o mysql /var/lib/mysql /run/mysqld
    cp $4 /var/lib/key
    chown mysql /var/lib/key
    exec mariadbd --no-defaults --user=mysql --datadir=/var/lib/mysql --skip-grant-tables --bind-address=$1 --port=$2 --socket=/run/mysqld/socket --ssl-cert=$3 --ssl-key=/var/lib/key --skip-networking=0 --innodb=OFF --default-storage-engine=Aria --lc-messages-dir=/usr/share/mysql
    """

  /// Prosody, for one host.
  static let prosody = """
    mkdir -p /run/prosody /var/lib/prosody /etc/prosody
    cp $3 /var/lib/prosody/cert; cp $4 /var/lib/prosody/key
    chown -R prosody /var/lib/prosody /run/prosody
    cat > /etc/prosody/prosody.cfg.lua <<END
    modules_enabled = { "tls", "saslauth", "disco" }
    modules_disabled = { "s2s" }
    interfaces = { "$1" }
    c2s_ports = { $2 }
    s2s_ports = {}
    c2s_require_encryption = true
    pidfile = "/run/prosody/pid"
    log = { info = "*console" }
    data_path = "/var/lib/prosody"
    ssl = { certificate = "/var/lib/prosody/cert"; key = "/var/lib/prosody/key" }
    VirtualHost "localhost"
    END
    exec setpriv --reuid prosody --regid prosody --clear-groups prosody -F
    """

  /// The server for readers of INN, with an empty group.
  static let inn = """
    mkdir -p /var/spool/news/overview /var/spool/news/articles /var/spool/news/incoming/tmp /run/news /var/lib/news /var/log/news /var/spool/news
    cat > /etc/news/inn.conf <<END
    mta: "/bin/true %s"
    organization: test
    ovmethod: tradindexed
    hismethod: hisv6
    pathhost: localhost
    pathnews: /usr/lib/news
    pathrun: /run/news
    pathdb: /var/lib/news
    pathetc: /etc/news
    pathspool: /var/spool/news
    pathlog: /var/log/news
    domain: localhost
    server: 127.0.0.1
    runasuser: news
    runasgroup: news
    tlscertfile: $3
    tlskeyfile: /run/news/key
    END
    cp $4 /run/news/key
    cat > /etc/news/readers.conf <<END
    auth "all" {
      hosts: "*"
      default: "<anonymous>"
    }
    access "all" {
      users: "*"
      newsgroups: "*"
    }
    END
    printf 'local.test 0000000000 0000000001 y\\n' > /var/lib/news/active
    : > /var/lib/news/newsgroups
    touch /var/lib/news/history
    chown -R news:news /run/news /var/lib/news /var/log/news /var/spool/news
    setpriv --reuid news --regid news --clear-groups /usr/lib/news/bin/makehistory -O -x
    chmod 640 /run/news/key
    exec /usr/lib/news/bin/nnrpd-ssl -D -f -4 $1 -p $2
    """

  /// InspIRCd, which uses GnuTLS.
  static let inspircd = """
    mkdir -p /run/inspircd
    cat > /etc/inspircd.conf <<END
    <server name="localhost" description="test" network="test" id="001">
    <admin name="a" nick="a" email="a@localhost">
    <bind address="$1" port="$2" type="clients">
    <connect allow="*" timeout="60">
    <module name="ssl_gnutls">
    <module name="starttls">
    <sslprofile name="test" provider="gnutls" certfile="$3" keyfile="$4">
    <starttls sslprofile="test">
    END
    exec inspircd --runasroot --nofork --config /etc/inspircd.conf
    """

  /// Dovecot, with one listener of one of its services.
  static func dovecot(_ service: String, _ listener: String) -> String {
    """
    cat > /etc/dovecot/dovecot.conf <<END
    protocols = imap pop3 lmtp sieve
    listen = $1
    base_dir = /run/dovecot
    ssl = required
    ssl_cert = <$3
    ssl_key = <$4
    log_path = /dev/stderr
    mail_location = maildir:/run/mail
    passdb {
      driver = static
      args = nopassword=y
    }
    # A port of 0 is none.
    service imap-login {
      inet_listener imap {
        port = 0
      }
      inet_listener imaps {
        port = 0
      }
    }
    service pop3-login {
      inet_listener pop3 {
        port = 0
      }
      inet_listener pop3s {
        port = 0
      }
    }
    service managesieve-login {
      inet_listener sieve {
        port = 0
      }
    }
    service \(service) {
      chroot =
      inet_listener \(listener) {
        port = $2
      }
    }
    END
    exec dovecot -F
    """
  }
}
