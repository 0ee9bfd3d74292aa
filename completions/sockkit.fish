function __sockkit_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __sockkit_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __sockkit_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __sockkit_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __sockkit_parse_tokens -S
    set -l unparsed_tokens (__sockkit_tokens -pc)
    switch $unparsed_tokens[1]
    case 'sockkit'
        __sockkit_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'connect'
            __sockkit_parse_subcommand -r 1 '4/ipv4' '6/ipv6' 'n/numeric' 'U/unix=' 's/source=' 'p/source-port=' 'i/idle-timeout=' 'timeout=' 'N/shutdown' 'no-shutdown' 'q/quit-after=' 'quit-on-eof' 'send-only' 'recv-only' 'C/crlf' 't/telnet' 'rate=' 'd/delay=' 'o/record=' 'record-sent=' 'record-received=' 'x/hex-dump=' 'append' 'force' 'send-buffer=' 'receive-buffer=' 'no-delay' 'keepalive=' 'ttl=' 'dscp=' 'interface=' 'congestion=' 'fast-open' 'mptcp' 'linger=' 'chat' 'raw' 'no-history' 'progress' 'stats' 'json' 'v/verbose' 'log-format=' 'trace' 'w/connect-timeout=' 'retry=' 'z/check' 'sh-exec=' 'grace=' 'version' 'h/help'
        case 'listen'
            __sockkit_parse_subcommand -r 1 'sh-exec=' 'port-file=' 'reuse-port' 'k/keep-open' 'm/max-connections=' 'label' 'output-dir=' 'reply=' 'reply-file=' 'broker' 'backlog=' 'grace=' 'allow=+' 'deny=+' 'allow-file=+' 'deny-file=+' '4/ipv4' '6/ipv6' 'n/numeric' 'U/unix=' 's/source=' 'p/source-port=' 'i/idle-timeout=' 'timeout=' 'N/shutdown' 'no-shutdown' 'q/quit-after=' 'quit-on-eof' 'send-only' 'recv-only' 'C/crlf' 't/telnet' 'rate=' 'd/delay=' 'o/record=' 'record-sent=' 'record-received=' 'x/hex-dump=' 'append' 'force' 'send-buffer=' 'receive-buffer=' 'no-delay' 'keepalive=' 'ttl=' 'dscp=' 'interface=' 'congestion=' 'fast-open' 'mptcp' 'linger=' 'chat' 'raw' 'no-history' 'progress' 'stats' 'json' 'v/verbose' 'log-format=' 'trace' 'w/connect-timeout=' 'version' 'h/help'
        case 'forward'
            __sockkit_parse_subcommand 2 'w/connect-timeout=' 'i/idle-timeout=' 'rate=' 'm/max-connections=' 'workers=' 'stats' 'json' '4/ipv4' '6/ipv6' 'n/numeric' 's/source=' 'port-file=' 'reuse-port' 'backlog=' 'grace=' 'allow=+' 'deny=+' 'allow-file=+' 'deny-file=+' 'send-buffer=' 'receive-buffer=' 'no-delay' 'keepalive=' 'ttl=' 'dscp=' 'interface=' 'congestion=' 'fast-open' 'mptcp' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'udp-send'
            __sockkit_parse_subcommand -r 1 'escapes' 'keep-newline' 'whole' 'block=' 'empty' 'c/count=' 'interval=' 'rate=' 'W/wait=' 'expect=' 'any-source' 'raw' 'hex' 'json' '4/ipv4' '6/ipv6' 'n/numeric' 'U/unix=' 's/source=' 'p/source-port=' 'broadcast' 'ttl=' 'multicast-interface=' 'multicast-loop' 'no-multicast-loop' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'udp-recv'
            __sockkit_parse_subcommand -r 1 'raw' 'hex' 'json' 'c/count=' 'timeout=' 'receive-buffer=' 'echo' 'prefix=' 'reply=' 'join=+' 'source-filter=' '4/ipv4' '6/ipv6' 'n/numeric' 'U/unix=' 's/source=' 'p/source-port=' 'port-file=' 'reuse-port' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'resolve'
            __sockkit_parse_subcommand -r 1 '4/ipv4' '6/ipv6' 'j/jobs=' 'timeout=' 'short' 'json' 'service=' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'getserv'
            __sockkit_parse_subcommand 2 'json' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'buffers'
            __sockkit_parse_subcommand 0 'tcp' 'unix' 'udp' 'send-buffer=' 'receive-buffer=' 'sweep' 'json' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'echo-server'
            __sockkit_parse_subcommand -r 1 'tcp' 'udp' 'prefix=' 'model=' 'workers=' 'i/idle-timeout=' 'm/max-connections=' 'backlog=' 'grace=' 'allow=+' 'deny=+' 'allow-file=+' 'deny-file=+' 'json' '4/ipv4' '6/ipv6' 'n/numeric' 'U/unix=' 's/source=' 'p/source-port=' 'port-file=' 'reuse-port' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'http-server'
            __sockkit_parse_subcommand -r 1 'root=' 'list' 'file=' 'text=' 'header-timeout=' 'max-body=' 'model=' 'workers=' 'i/idle-timeout=' 'm/max-connections=' 'backlog=' 'grace=' 'allow=+' 'deny=+' 'allow-file=+' 'deny-file=+' 'json' '4/ipv4' '6/ipv6' 'n/numeric' 'U/unix=' 's/source=' 'p/source-port=' 'port-file=' 'reuse-port' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'calc-server'
            __sockkit_parse_subcommand -r 1 'max-operand=' 'model=' 'workers=' 'i/idle-timeout=' 'm/max-connections=' 'backlog=' 'grace=' 'allow=+' 'deny=+' 'allow-file=+' 'deny-file=+' 'json' '4/ipv4' '6/ipv6' 'n/numeric' 'U/unix=' 's/source=' 'p/source-port=' 'port-file=' 'reuse-port' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'calc'
            __sockkit_parse_subcommand -r 1 'no-history' '4/ipv4' '6/ipv6' 'n/numeric' 'U/unix=' 's/source=' 'p/source-port=' 'w/connect-timeout=' 'i/idle-timeout=' 'timeout=' 'v/verbose' 'log-format=' 'trace' 'version' 'h/help'
        case 'help'
            __sockkit_parse_subcommand -r 1 'version'
        end
    end
end

function __sockkit_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __sockkit_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __sockkit_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __sockkit_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__sockkit_tokens -p)
    if test -z "$(__sockkit_tokens -t)"
        set -l index (count (__sockkit_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'sockkit' -f
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'connect' -d 'Open a connection and relay standard input and output over it, or give it to a command.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'listen' -d 'Accept one connection, or any number, and relay standard input and output over it, or run a command.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'forward' -d 'Accept connections, and connect each to a target.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'udp-send' -d 'Send each message, or each line of standard input, as one datagram.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'udp-recv' -d 'Print the datagrams that arrive, whoever sends them, until stopped.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'resolve' -d 'Look host names and addresses up, as the system\'s resolver does.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'getserv' -d 'Look up the port of a service, or the service on a port.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'buffers' -d 'Show how much the kernel buffers while nobody reads, and what changes that.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'echo-server' -d 'Send back what clients send (RFC 862), over TCP, UDP or both.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'http-server' -d 'Serve files, or one text, over HTTP.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'calc-server' -d 'Calculate for clients over a binary protocol; see \'sockkit calc\'.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'calc' -d 'Have expressions calculated by a calculation server.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit connect" -ge 1' -fka '(__sockkit_custom_completion ---completion connect -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" U unix' -s 'U' -l 'unix' -d 'Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" s source' -s 's' -l 'source' -d 'The local address.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" p source-port' -s 'p' -l 'source-port' -d 'The local port.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" i idle-timeout' -s 'i' -l 'idle-timeout' -d 'End with status 75 after this time without a byte either way.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" timeout' -l 'timeout' -d 'End with status 75 after this time altogether.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" N shutdown' -s 'N' -l 'shutdown' -d 'Half-close when standard input ends; the default, accepted because scripts for nc pass it.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" no-shutdown' -l 'no-shutdown' -d 'Do not half-close when standard input ends.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" q quit-after' -s 'q' -l 'quit-after' -d 'End this long after standard input ended.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" quit-on-eof' -l 'quit-on-eof' -d 'End as soon as the peer has stopped sending.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" send-only' -l 'send-only' -d 'Send, and discard what arrives; end once all is acknowledged.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" recv-only' -l 'recv-only' -d 'Receive; do not read standard input.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" C crlf' -s 'C' -l 'crlf' -d 'Send LF as CRLF; a CRLF stays as it is.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" t telnet' -l 'telnet' -s 't' -d 'Speak telnet: decline all options, and keep them out of the output.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" rate' -l 'rate' -d 'Send no more than this in a second, such as 64K.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" d delay' -s 'd' -l 'delay' -d 'Pause for this long between lines that are sent.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" o record' -s 'o' -l 'record' -d 'Write all bytes of the connection to a file, as they go and come.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" record-sent' -l 'record-sent' -d 'Write the bytes that are sent to a file.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" record-received' -l 'record-received' -d 'Write the bytes that are received to a file.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" hex-dump x' -s 'x' -l 'hex-dump' -d 'Write a dump with direction, time and offset to a file; \'-\' is standard error.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" append' -l 'append' -d 'Continue files of these that exist.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" force' -l 'force' -d 'Replace files of these that exist; without either they are left alone.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" send-buffer' -l 'send-buffer' -d 'Ask for a send buffer of this size (SO_SNDBUF).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" receive-buffer' -l 'receive-buffer' -d 'Ask for a receive buffer of this size (SO_RCVBUF).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" no-delay' -l 'no-delay' -d 'Send small writes at once (TCP_NODELAY).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" keepalive' -l 'keepalive' -d 'Probe a silent peer this often (SO_KEEPALIVE).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" ttl' -l 'ttl' -d 'The time to live, or hop limit, of packets: 1 to 255.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" dscp' -l 'dscp' -d 'The DSCP of packets, by name (ef, af41, cs1, le) or number.' -rfka 'cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 af11 af12 af13 af21 af22 af23 af31 af32 af33 af41 af42 af43 ef va le'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" interface' -l 'interface' -d 'Use this network interface only (SO_BINDTODEVICE).' -rfka '(ls /sys/class/net)'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" congestion' -l 'congestion' -d 'The congestion control algorithm (TCP_CONGESTION).' -rfka '(__sockkit_custom_completion ---completion connect -- --congestion (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" fast-open' -l 'fast-open' -d 'Use TCP Fast Open.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" mptcp' -l 'mptcp' -d 'Use Multipath TCP.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" linger' -l 'linger' -d 'Let close wait this long for what is unsent (SO_LINGER); 0 resets.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" chat' -l 'chat' -d 'Put [peer] before each line that arrives, or that a --broker passes on, made safe to look at; prompt with >.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" raw' -l 'raw' -d 'On a terminal, do not edit lines, and let the peer\'s control sequences through.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" no-history' -l 'no-history' -d 'On a terminal, do not keep the lines in $XDG_STATE_HOME/sockkit for the next session.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" progress' -l 'progress' -d 'Show bytes, rate, and where the size is known the share done and the time left.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" stats' -l 'stats' -d 'At the end, report bytes, rates and what TCP_INFO says on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" json' -l 'json' -d 'Write the statistics as one JSON object.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" connect-timeout w' -s 'w' -l 'connect-timeout' -d 'Give up connecting after this time in total (default: 10s; 0: as long as the system tries).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" retry' -l 'retry' -d 'Keep trying for this long until somebody listens.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" check z' -s 'z' -l 'check' -d 'Only check whether somebody listens: status 0 if all ports are open, 69 if not. PORT may be a list with ranges (22,https,8000-8010); -w is for each port, -v and --json report each.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" sh-exec' -l 'sh-exec' -d 'Let /bin/sh -c run this line, with the connection as its standard input and output; \'-- COMMAND ARG...\' at the end runs a program without a shell.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" grace' -l 'grace' -d 'How long the command may take to end when it is told to, until it is killed (default: 5s).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit connect" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit listen" -ge 1' -fka '(__sockkit_custom_completion ---completion listen -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" sh-exec' -l 'sh-exec' -d 'Let /bin/sh -c run this line, with the connection as its standard input and output; \'-- COMMAND ARG...\' at the end runs a program without a shell.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" port-file' -l 'port-file' -d 'Write the port to this file once connections are accepted.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" reuse-port' -l 'reuse-port' -d 'Let other listeners share the port (SO_REUSEPORT).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" k keep-open' -s 'k' -l 'keep-open' -d 'Serve any number of clients, at the same time, until told to stop; -i lets go of silent ones.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" m max-connections' -s 'm' -l 'max-connections' -d 'Serve this many connections at a time (default: 256); the rest waits.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" label' -l 'label' -d 'Begin each line that is written with [peer].'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" output-dir' -l 'output-dir' -d 'Write what comes over each connection to a new file here, named by time, peer and number.' -rfa '(__sockkit_complete_directories)'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" reply' -l 'reply' -d 'Send this to every client, in place of standard input; \\n, \\t and \\xNN are understood.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" reply-file' -l 'reply-file' -d 'Send this file, as it is then, to every client, in place of standard input.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" broker' -l 'broker' -d 'Send what one client sends to all others; implies --keep-open.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" backlog' -l 'backlog' -d 'How many connections may wait to be accepted (default: what the system allows).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" grace' -l 'grace' -d 'How long open connections, and commands, may take to finish when they are told to (default: 5s).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen"' -l 'allow' -d 'Let in only addresses of this network; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen"' -l 'deny' -d 'Refuse addresses of this network, whatever else allows them; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen"' -l 'allow-file' -d 'Let in only addresses of the networks in this file, one a line, with comments from # on; SIGHUP has it read again. May be repeated.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen"' -l 'deny-file' -d 'Refuse addresses of the networks in this file, whatever else allows them; likewise.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" U unix' -s 'U' -l 'unix' -d 'Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" s source' -s 's' -l 'source' -d 'The local address.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" p source-port' -s 'p' -l 'source-port' -d 'The local port.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" i idle-timeout' -s 'i' -l 'idle-timeout' -d 'End with status 75 after this time without a byte either way.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" timeout' -l 'timeout' -d 'End with status 75 after this time altogether.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" N shutdown' -s 'N' -l 'shutdown' -d 'Half-close when standard input ends; the default, accepted because scripts for nc pass it.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" no-shutdown' -l 'no-shutdown' -d 'Do not half-close when standard input ends.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" q quit-after' -s 'q' -l 'quit-after' -d 'End this long after standard input ended.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" quit-on-eof' -l 'quit-on-eof' -d 'End as soon as the peer has stopped sending.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" send-only' -l 'send-only' -d 'Send, and discard what arrives; end once all is acknowledged.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" recv-only' -l 'recv-only' -d 'Receive; do not read standard input.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" C crlf' -s 'C' -l 'crlf' -d 'Send LF as CRLF; a CRLF stays as it is.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" t telnet' -l 'telnet' -s 't' -d 'Speak telnet: decline all options, and keep them out of the output.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" rate' -l 'rate' -d 'Send no more than this in a second, such as 64K.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" d delay' -s 'd' -l 'delay' -d 'Pause for this long between lines that are sent.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" o record' -s 'o' -l 'record' -d 'Write all bytes of the connection to a file, as they go and come.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" record-sent' -l 'record-sent' -d 'Write the bytes that are sent to a file.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" record-received' -l 'record-received' -d 'Write the bytes that are received to a file.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" hex-dump x' -s 'x' -l 'hex-dump' -d 'Write a dump with direction, time and offset to a file; \'-\' is standard error.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" append' -l 'append' -d 'Continue files of these that exist.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" force' -l 'force' -d 'Replace files of these that exist; without either they are left alone.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" send-buffer' -l 'send-buffer' -d 'Ask for a send buffer of this size (SO_SNDBUF).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" receive-buffer' -l 'receive-buffer' -d 'Ask for a receive buffer of this size (SO_RCVBUF).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" no-delay' -l 'no-delay' -d 'Send small writes at once (TCP_NODELAY).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" keepalive' -l 'keepalive' -d 'Probe a silent peer this often (SO_KEEPALIVE).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" ttl' -l 'ttl' -d 'The time to live, or hop limit, of packets: 1 to 255.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" dscp' -l 'dscp' -d 'The DSCP of packets, by name (ef, af41, cs1, le) or number.' -rfka 'cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 af11 af12 af13 af21 af22 af23 af31 af32 af33 af41 af42 af43 ef va le'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" interface' -l 'interface' -d 'Use this network interface only (SO_BINDTODEVICE).' -rfka '(ls /sys/class/net)'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" congestion' -l 'congestion' -d 'The congestion control algorithm (TCP_CONGESTION).' -rfka '(__sockkit_custom_completion ---completion listen -- --congestion (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" fast-open' -l 'fast-open' -d 'Use TCP Fast Open.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" mptcp' -l 'mptcp' -d 'Use Multipath TCP.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" linger' -l 'linger' -d 'Let close wait this long for what is unsent (SO_LINGER); 0 resets.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" chat' -l 'chat' -d 'Put [peer] before each line that arrives, or that a --broker passes on, made safe to look at; prompt with >.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" raw' -l 'raw' -d 'On a terminal, do not edit lines, and let the peer\'s control sequences through.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" no-history' -l 'no-history' -d 'On a terminal, do not keep the lines in $XDG_STATE_HOME/sockkit for the next session.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" progress' -l 'progress' -d 'Show bytes, rate, and where the size is known the share done and the time left.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" stats' -l 'stats' -d 'At the end, report bytes, rates and what TCP_INFO says on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" json' -l 'json' -d 'Write the statistics as one JSON object.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" connect-timeout w' -s 'w' -l 'connect-timeout' -d 'How long to wait for a connection (default: for ever).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit listen" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit forward" -eq 1' -fka '(__sockkit_custom_completion ---completion forward -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit forward" -eq 2' -fka '(__sockkit_custom_completion ---completion forward -- positional@1 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" connect-timeout w' -s 'w' -l 'connect-timeout' -d 'Give up connecting a client to the target after this time in total (default: 10s; 0: as long as the system tries).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" i idle-timeout' -s 'i' -l 'idle-timeout' -d 'Reset a connection after this time without a byte either way (default: never).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" rate' -l 'rate' -d 'Let no more than this pass in a second, each way and for each connection.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" m max-connections' -s 'm' -l 'max-connections' -d 'Forward this many connections at a time (default: what descriptors allow); the rest waits.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" workers' -l 'workers' -d 'How many event loops there are (default: 1).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" stats' -l 'stats' -d 'Report bytes and rates: with -v of each connection at its end, and of all together at the end.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" json' -l 'json' -d 'Write the statistics as JSON objects.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only, on both sides.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only, on both sides.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" s source' -s 's' -l 'source' -d 'The address to connect to the target from.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" port-file' -l 'port-file' -d 'Write the port to this file once connections are accepted.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" reuse-port' -l 'reuse-port' -d 'Let other listeners share the port (SO_REUSEPORT).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" backlog' -l 'backlog' -d 'How many connections may wait to be accepted (default: what the system allows).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" grace' -l 'grace' -d 'How long open connections, and commands, may take to finish when they are told to (default: 5s).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward"' -l 'allow' -d 'Let in only addresses of this network; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward"' -l 'deny' -d 'Refuse addresses of this network, whatever else allows them; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward"' -l 'allow-file' -d 'Let in only addresses of the networks in this file, one a line, with comments from # on; SIGHUP has it read again. May be repeated.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward"' -l 'deny-file' -d 'Refuse addresses of the networks in this file, whatever else allows them; likewise.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" send-buffer' -l 'send-buffer' -d 'Ask for a send buffer of this size (SO_SNDBUF).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" receive-buffer' -l 'receive-buffer' -d 'Ask for a receive buffer of this size (SO_RCVBUF).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" no-delay' -l 'no-delay' -d 'Send small writes at once (TCP_NODELAY).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" keepalive' -l 'keepalive' -d 'Probe a silent peer this often (SO_KEEPALIVE).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" ttl' -l 'ttl' -d 'The time to live, or hop limit, of packets: 1 to 255.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" dscp' -l 'dscp' -d 'The DSCP of packets, by name (ef, af41, cs1, le) or number.' -rfka 'cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 af11 af12 af13 af21 af22 af23 af31 af32 af33 af41 af42 af43 ef va le'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" interface' -l 'interface' -d 'Use this network interface only (SO_BINDTODEVICE).' -rfka '(ls /sys/class/net)'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" congestion' -l 'congestion' -d 'The congestion control algorithm (TCP_CONGESTION).' -rfka '(__sockkit_custom_completion ---completion forward -- --congestion (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" fast-open' -l 'fast-open' -d 'Use TCP Fast Open.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" mptcp' -l 'mptcp' -d 'Use Multipath TCP.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit forward" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit udp-send" -ge 1' -fka '(__sockkit_custom_completion ---completion udp-send -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" escapes' -l 'escapes' -d 'Understand \\n, \\r, \\t, \\0, \\\\ and \\xNN in each MESSAGE.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" keep-newline' -l 'keep-newline' -d 'Keep the newline of each input line.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" whole' -l 'whole' -d 'Send all of standard input as one datagram.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" block' -l 'block' -d 'Send standard input in blocks of this size.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" empty' -l 'empty' -d 'Send one datagram of no bytes.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" c count' -s 'c' -l 'count' -d 'Send each datagram this many times.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" interval' -l 'interval' -d 'Pause this long between datagrams.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" rate' -l 'rate' -d 'Send at most this many datagrams a second.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" W wait' -s 'W' -l 'wait' -d 'Stay this long for replies, and print them (with --expect: 10s).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" expect' -l 'expect' -d 'Once everything is sent, end as soon as this many replies came; status 75 if they did not.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" any-source' -l 'any-source' -d 'Take replies from any address and port, and not only from the one that was sent to (TFTP, several addresses).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" raw' -l 'raw' -d 'Write just the payload, unchanged and without anything between.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" hex' -l 'hex' -d 'Write a hex dump.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" json' -l 'json' -d 'Write one JSON object a datagram: time, source, destination, length, truncated, text or base64.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" U unix' -s 'U' -l 'unix' -d 'Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" s source' -s 's' -l 'source' -d 'The local address.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" p source-port' -s 'p' -l 'source-port' -d 'The local port.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" broadcast' -l 'broadcast' -d 'Allow a broadcast address (SO_BROADCAST).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" ttl' -l 'ttl' -d 'The time to live, or hop limit, of datagrams: 1 to 255.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" multicast-interface' -l 'multicast-interface' -d 'The interface that datagrams to a group leave by.' -rfka '(ls /sys/class/net)'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" multicast-loop' -l 'multicast-loop' -d 'Whether datagrams to a group reach receivers on this machine too; the system says yes.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" no-multicast-loop' -l 'no-multicast-loop' -d 'Whether datagrams to a group reach receivers on this machine too; the system says yes.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-send" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit udp-recv" -ge 1' -fka '(__sockkit_custom_completion ---completion udp-recv -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" raw' -l 'raw' -d 'Write just the payload, unchanged and without anything between.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" hex' -l 'hex' -d 'Write a hex dump.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" json' -l 'json' -d 'Write one JSON object a datagram: time, source, destination, length, truncated, text or base64.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" c count' -s 'c' -l 'count' -d 'Stop after this many datagrams.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" timeout' -l 'timeout' -d 'Stop after this time; status 75 if nothing came, or less than -c asks for.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" receive-buffer' -l 'receive-buffer' -d 'Ask for a receive buffer of this size (default: 8M, or what the system allows).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" echo' -l 'echo' -d 'Send every datagram back to its sender.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" prefix' -l 'prefix' -d 'Send every datagram back with this text before it; \\n, \\t and \\xNN are understood.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" reply' -l 'reply' -d 'Answer every datagram with this text; \\n, \\t and \\xNN are understood.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv"' -l 'join' -d 'Receive from a multicast group, by an interface; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" source-filter' -l 'source-filter' -d 'Of the groups, receive from this sender only (SSM).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" U unix' -s 'U' -l 'unix' -d 'Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" s source' -s 's' -l 'source' -d 'The local address.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" p source-port' -s 'p' -l 'source-port' -d 'The local port.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" port-file' -l 'port-file' -d 'Write the port to this file once connections are accepted.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" reuse-port' -l 'reuse-port' -d 'Let other listeners share the port (SO_REUSEPORT).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit udp-recv" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit resolve" -ge 1' -fka '(__sockkit_custom_completion ---completion resolve -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" 4 ipv4' -s '4' -l 'ipv4' -d 'Look for IPv4 addresses only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" 6 ipv6' -s '6' -l 'ipv6' -d 'Look for IPv6 addresses only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" j jobs' -l 'jobs' -s 'j' -d 'Look this many names up at the same time, 1 to 256 (default: 8).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" timeout' -l 'timeout' -d 'The time for each name (default: as long as the system\'s resolver takes).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" short' -l 'short' -d 'Print addresses only, one a line.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" json' -l 'json' -d 'Print one JSON object a name.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" service' -l 'service' -d 'Add the port of this service, or this port.' -rfka '(__sockkit_custom_completion ---completion resolve -- --service (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit resolve" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit getserv" -eq 1' -fka '(__sockkit_custom_completion ---completion getserv -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit getserv" -eq 2' -fka 'tcp udp sctp dccp'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit getserv" json' -l 'json' -d 'Print one JSON object a service: name, port, protocol, aliases.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit getserv" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit getserv" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit getserv" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit getserv" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit getserv" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" tcp' -l 'tcp' -d 'Use a TCP connection over loopback; the default.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" unix' -l 'unix' -d 'Use a connection of Unix stream sockets.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" udp' -l 'udp' -d 'Use UDP datagrams over loopback.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" send-buffer' -l 'send-buffer' -d 'Ask for a send buffer of this size (SO_SNDBUF).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" receive-buffer' -l 'receive-buffer' -d 'Ask for a receive buffer of this size (SO_RCVBUF).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" sweep' -l 'sweep' -d 'Ask for 4K, 8K and so on to the system\'s maximum, and show a table with a bar chart.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" json' -l 'json' -d 'Write one JSON object for each experiment.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit buffers" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit echo-server" -ge 1' -fka '(__sockkit_custom_completion ---completion echo-server -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" tcp' -l 'tcp' -d 'Serve TCP (the default).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" udp' -l 'udp' -d 'Serve UDP; with --tcp both, on the same port.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" prefix' -l 'prefix' -d 'Put this text before each line (TCP) or datagram (UDP).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" model' -l 'model' -d 'Who serves a connection: a child process, a thread, or one readiness loop for all (default: event; calc-server: fork).' -rfka 'fork thread event'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" workers' -l 'workers' -d 'How many event loops there are (default: 1).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" i idle-timeout' -s 'i' -l 'idle-timeout' -d 'Close a connection after this time without a byte either way (default: 5m; 0: never).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" m max-connections' -s 'm' -l 'max-connections' -d 'Serve this many connections at a time (default: what descriptors allow, or 1000 processes or threads); the rest waits.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" backlog' -l 'backlog' -d 'How many connections may wait to be accepted (default: what the system allows).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" grace' -l 'grace' -d 'How long open connections, and commands, may take to finish when they are told to (default: 5s).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server"' -l 'allow' -d 'Let in only addresses of this network; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server"' -l 'deny' -d 'Refuse addresses of this network, whatever else allows them; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server"' -l 'allow-file' -d 'Let in only addresses of the networks in this file, one a line, with comments from # on; SIGHUP has it read again. May be repeated.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server"' -l 'deny-file' -d 'Refuse addresses of the networks in this file, whatever else allows them; likewise.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" json' -l 'json' -d 'Write the log as JSON, one object a line: the same as --log-format json.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" U unix' -s 'U' -l 'unix' -d 'Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" s source' -s 's' -l 'source' -d 'The local address.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" p source-port' -s 'p' -l 'source-port' -d 'The local port.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" port-file' -l 'port-file' -d 'Write the port to this file once connections are accepted.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" reuse-port' -l 'reuse-port' -d 'Let other listeners share the port (SO_REUSEPORT).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit echo-server" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit http-server" -ge 1' -fka '(__sockkit_custom_completion ---completion http-server -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" root' -l 'root' -d 'Serve the files of DIR; a directory is answered with its index.html.' -rfa '(__sockkit_complete_directories)'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" list' -l 'list' -d 'With --root: list directories that have no index.html.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" file' -l 'file' -d 'Answer every request with this file, opened anew each time.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" text' -l 'text' -d 'Answer every request with this text; \\n, \\t and \\xNN are understood (default: a page that says hello).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" header-timeout' -l 'header-timeout' -d 'The time that the header of a request may take (default: 10s; 0: no end).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" max-body' -l 'max-body' -d 'The longest body of a request, which is thrown away (default: 1M).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" model' -l 'model' -d 'Who serves a connection: a child process, a thread, or one readiness loop for all (default: event; calc-server: fork).' -rfka 'fork thread event'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" workers' -l 'workers' -d 'How many event loops there are (default: 1).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" i idle-timeout' -s 'i' -l 'idle-timeout' -d 'Close a connection after this time without a byte either way (default: 5m; 0: never).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" m max-connections' -s 'm' -l 'max-connections' -d 'Serve this many connections at a time (default: what descriptors allow, or 1000 processes or threads); the rest waits.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" backlog' -l 'backlog' -d 'How many connections may wait to be accepted (default: what the system allows).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" grace' -l 'grace' -d 'How long open connections, and commands, may take to finish when they are told to (default: 5s).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server"' -l 'allow' -d 'Let in only addresses of this network; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server"' -l 'deny' -d 'Refuse addresses of this network, whatever else allows them; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server"' -l 'allow-file' -d 'Let in only addresses of the networks in this file, one a line, with comments from # on; SIGHUP has it read again. May be repeated.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server"' -l 'deny-file' -d 'Refuse addresses of the networks in this file, whatever else allows them; likewise.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" json' -l 'json' -d 'Write the log as JSON, one object a line: the same as --log-format json.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" U unix' -s 'U' -l 'unix' -d 'Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" s source' -s 's' -l 'source' -d 'The local address.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" p source-port' -s 'p' -l 'source-port' -d 'The local port.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" port-file' -l 'port-file' -d 'Write the port to this file once connections are accepted.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" reuse-port' -l 'reuse-port' -d 'Let other listeners share the port (SO_REUSEPORT).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit http-server" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit calc-server" -ge 1' -fka '(__sockkit_custom_completion ---completion calc-server -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" max-operand' -l 'max-operand' -d 'The longest operand that is taken, in bytes (default: 64K).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" model' -l 'model' -d 'Who serves a connection: a child process, a thread, or one readiness loop for all (default: event; calc-server: fork).' -rfka 'fork thread event'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" workers' -l 'workers' -d 'How many event loops there are (default: 1).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" i idle-timeout' -s 'i' -l 'idle-timeout' -d 'Close a connection after this time without a byte either way (default: 5m; 0: never).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" m max-connections' -s 'm' -l 'max-connections' -d 'Serve this many connections at a time (default: what descriptors allow, or 1000 processes or threads); the rest waits.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" backlog' -l 'backlog' -d 'How many connections may wait to be accepted (default: what the system allows).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" grace' -l 'grace' -d 'How long open connections, and commands, may take to finish when they are told to (default: 5s).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server"' -l 'allow' -d 'Let in only addresses of this network; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server"' -l 'deny' -d 'Refuse addresses of this network, whatever else allows them; may be repeated.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server"' -l 'allow-file' -d 'Let in only addresses of the networks in this file, one a line, with comments from # on; SIGHUP has it read again. May be repeated.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server"' -l 'deny-file' -d 'Refuse addresses of the networks in this file, whatever else allows them; likewise.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" json' -l 'json' -d 'Write the log as JSON, one object a line: the same as --log-format json.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" U unix' -s 'U' -l 'unix' -d 'Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" s source' -s 's' -l 'source' -d 'The local address.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" p source-port' -s 'p' -l 'source-port' -d 'The local port.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" port-file' -l 'port-file' -d 'Write the port to this file once connections are accepted.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" reuse-port' -l 'reuse-port' -d 'Let other listeners share the port (SO_REUSEPORT).'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc-server" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_positional "sockkit calc" -ge 1' -fka '(__sockkit_custom_completion ---completion calc -- positional@0 (count (__sockkit_tokens -pc)) (__sockkit_tokens -tC))'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" no-history' -l 'no-history' -d 'On a terminal, do not keep the lines in $XDG_STATE_HOME/sockkit for the next session.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" 4 ipv4' -s '4' -l 'ipv4' -d 'Use IPv4 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" 6 ipv6' -s '6' -l 'ipv6' -d 'Use IPv6 only.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" n numeric' -s 'n' -l 'numeric' -d 'Take numeric addresses only; look no name up.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" U unix' -s 'U' -l 'unix' -d 'Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.' -rF
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" s source' -s 's' -l 'source' -d 'The local address.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" p source-port' -s 'p' -l 'source-port' -d 'The local port.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" connect-timeout w' -s 'w' -l 'connect-timeout' -d 'Give up connecting after this time in total (default: 10s; 0: as long as the system tries).' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" i idle-timeout' -s 'i' -l 'idle-timeout' -d 'End with status 75 after this time without a byte either way.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" timeout' -l 'timeout' -d 'End with status 75 after this time altogether.' -rfka ''
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" v verbose' -l 'verbose' -s 'v' -d 'Report connection events on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" log-format' -l 'log-format' -d 'Write events as text or as JSON Lines.' -rfka 'text json'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" trace' -l 'trace' -d 'Narrate the socket calls on standard error.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" version' -l 'version' -d 'Show the version.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit calc" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'sockkit' -n '__sockkit_should_offer_completions_for_flags_or_options "sockkit help" version' -l 'version' -d 'Show the version.'
