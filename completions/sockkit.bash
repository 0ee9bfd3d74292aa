#!/bin/bash

__sockkit_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__sockkit_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__sockkit_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__sockkit_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_sockkit() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __sockkit_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    connect|listen|forward|udp-send|udp-recv|resolve|getserv|buffers|echo-server|http-server|calc-server|calc|help)
        # Offer subcommand argument completions
        "_sockkit_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'connect listen forward udp-send udp-recv resolve getserv buffers echo-server http-server calc-server calc help' -- "${cur}"))
        ;;
    esac
}

_sockkit_connect() {
    repeating_flags=()
    non_repeating_flags=(-4 --ipv4 -6 --ipv6 -n --numeric -N --shutdown --no-shutdown --quit-on-eof --send-only --recv-only -C --crlf --telnet -t --append --force --no-delay --fast-open --mptcp --chat --raw --no-history --progress --stats --json --verbose -v --trace -z --check --version -h --help)
    repeating_options=()
    non_repeating_options=(-U --unix -s --source -p --source-port -i --idle-timeout --timeout -q --quit-after --rate -d --delay -o --record --record-sent --record-received -x --hex-dump --send-buffer --receive-buffer --keepalive --ttl --dscp --interface --congestion --linger --log-format -w --connect-timeout --retry --sh-exec --grace)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '-U'|'--unix')
        __sockkit_add_completions -f
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '-p'|'--source-port')
        return
        ;;
    '-i'|'--idle-timeout')
        return
        ;;
    '--timeout')
        return
        ;;
    '-q'|'--quit-after')
        return
        ;;
    '--rate')
        return
        ;;
    '-d'|'--delay')
        return
        ;;
    '-o'|'--record')
        __sockkit_add_completions -f
        return
        ;;
    '--record-sent')
        __sockkit_add_completions -f
        return
        ;;
    '--record-received')
        __sockkit_add_completions -f
        return
        ;;
    '-x'|'--hex-dump')
        __sockkit_add_completions -f
        return
        ;;
    '--send-buffer')
        return
        ;;
    '--receive-buffer')
        return
        ;;
    '--keepalive')
        return
        ;;
    '--ttl')
        return
        ;;
    '--dscp')
        __sockkit_add_completions -W 'cs0'$'\n''cs1'$'\n''cs2'$'\n''cs3'$'\n''cs4'$'\n''cs5'$'\n''cs6'$'\n''cs7'$'\n''af11'$'\n''af12'$'\n''af13'$'\n''af21'$'\n''af22'$'\n''af23'$'\n''af31'$'\n''af32'$'\n''af33'$'\n''af41'$'\n''af42'$'\n''af43'$'\n''ef'$'\n''va'$'\n''le'
        return
        ;;
    '--interface')
        __sockkit_add_completions -W "$(eval 'ls /sys/class/net')"
        return
        ;;
    '--congestion')
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion connect -- --congestion "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    '--linger')
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    '-w'|'--connect-timeout')
        return
        ;;
    '--retry')
        return
        ;;
    '--sh-exec')
        return
        ;;
    '--grace')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion connect -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_listen() {
    repeating_flags=()
    non_repeating_flags=(--reuse-port -k --keep-open --label --broker -4 --ipv4 -6 --ipv6 -n --numeric -N --shutdown --no-shutdown --quit-on-eof --send-only --recv-only -C --crlf --telnet -t --append --force --no-delay --fast-open --mptcp --chat --raw --no-history --progress --stats --json --verbose -v --trace --version -h --help)
    repeating_options=(--allow --deny --allow-file --deny-file)
    non_repeating_options=(--sh-exec --port-file -m --max-connections --output-dir --reply --reply-file --backlog --grace -U --unix -s --source -p --source-port -i --idle-timeout --timeout -q --quit-after --rate -d --delay -o --record --record-sent --record-received -x --hex-dump --send-buffer --receive-buffer --keepalive --ttl --dscp --interface --congestion --linger --log-format -w --connect-timeout)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--sh-exec')
        return
        ;;
    '--port-file')
        __sockkit_add_completions -f
        return
        ;;
    '-m'|'--max-connections')
        return
        ;;
    '--output-dir')
        __sockkit_add_completions -d
        return
        ;;
    '--reply')
        return
        ;;
    '--reply-file')
        __sockkit_add_completions -f
        return
        ;;
    '--backlog')
        return
        ;;
    '--grace')
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-file')
        __sockkit_add_completions -f
        return
        ;;
    '--deny-file')
        __sockkit_add_completions -f
        return
        ;;
    '-U'|'--unix')
        __sockkit_add_completions -f
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '-p'|'--source-port')
        return
        ;;
    '-i'|'--idle-timeout')
        return
        ;;
    '--timeout')
        return
        ;;
    '-q'|'--quit-after')
        return
        ;;
    '--rate')
        return
        ;;
    '-d'|'--delay')
        return
        ;;
    '-o'|'--record')
        __sockkit_add_completions -f
        return
        ;;
    '--record-sent')
        __sockkit_add_completions -f
        return
        ;;
    '--record-received')
        __sockkit_add_completions -f
        return
        ;;
    '-x'|'--hex-dump')
        __sockkit_add_completions -f
        return
        ;;
    '--send-buffer')
        return
        ;;
    '--receive-buffer')
        return
        ;;
    '--keepalive')
        return
        ;;
    '--ttl')
        return
        ;;
    '--dscp')
        __sockkit_add_completions -W 'cs0'$'\n''cs1'$'\n''cs2'$'\n''cs3'$'\n''cs4'$'\n''cs5'$'\n''cs6'$'\n''cs7'$'\n''af11'$'\n''af12'$'\n''af13'$'\n''af21'$'\n''af22'$'\n''af23'$'\n''af31'$'\n''af32'$'\n''af33'$'\n''af41'$'\n''af42'$'\n''af43'$'\n''ef'$'\n''va'$'\n''le'
        return
        ;;
    '--interface')
        __sockkit_add_completions -W "$(eval 'ls /sys/class/net')"
        return
        ;;
    '--congestion')
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion listen -- --congestion "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    '--linger')
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    '-w'|'--connect-timeout')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion listen -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_forward() {
    repeating_flags=()
    non_repeating_flags=(--stats --json -4 --ipv4 -6 --ipv6 -n --numeric --reuse-port --no-delay --fast-open --mptcp --verbose -v --trace --version -h --help)
    repeating_options=(--allow --deny --allow-file --deny-file)
    non_repeating_options=(-w --connect-timeout -i --idle-timeout --rate -m --max-connections --workers -s --source --port-file --backlog --grace --send-buffer --receive-buffer --keepalive --ttl --dscp --interface --congestion --log-format)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '-w'|'--connect-timeout')
        return
        ;;
    '-i'|'--idle-timeout')
        return
        ;;
    '--rate')
        return
        ;;
    '-m'|'--max-connections')
        return
        ;;
    '--workers')
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '--port-file')
        __sockkit_add_completions -f
        return
        ;;
    '--backlog')
        return
        ;;
    '--grace')
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-file')
        __sockkit_add_completions -f
        return
        ;;
    '--deny-file')
        __sockkit_add_completions -f
        return
        ;;
    '--send-buffer')
        return
        ;;
    '--receive-buffer')
        return
        ;;
    '--keepalive')
        return
        ;;
    '--ttl')
        return
        ;;
    '--dscp')
        __sockkit_add_completions -W 'cs0'$'\n''cs1'$'\n''cs2'$'\n''cs3'$'\n''cs4'$'\n''cs5'$'\n''cs6'$'\n''cs7'$'\n''af11'$'\n''af12'$'\n''af13'$'\n''af21'$'\n''af22'$'\n''af23'$'\n''af31'$'\n''af32'$'\n''af33'$'\n''af41'$'\n''af42'$'\n''af43'$'\n''ef'$'\n''va'$'\n''le'
        return
        ;;
    '--interface')
        __sockkit_add_completions -W "$(eval 'ls /sys/class/net')"
        return
        ;;
    '--congestion')
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion forward -- --congestion "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion forward -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    2)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion forward -- positional@1 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion forward -- positional@2 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_udp-send() {
    repeating_flags=()
    non_repeating_flags=(--escapes --keep-newline --whole --empty --any-source --raw --hex --json -4 --ipv4 -6 --ipv6 -n --numeric --broadcast --multicast-loop --no-multicast-loop --verbose -v --trace --version -h --help)
    repeating_options=()
    non_repeating_options=(--block -c --count --interval --rate -W --wait --expect -U --unix -s --source -p --source-port --retry --ttl --multicast-interface --log-format)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--block')
        return
        ;;
    '-c'|'--count')
        return
        ;;
    '--interval')
        return
        ;;
    '--rate')
        return
        ;;
    '-W'|'--wait')
        return
        ;;
    '--expect')
        return
        ;;
    '-U'|'--unix')
        __sockkit_add_completions -f
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '-p'|'--source-port')
        return
        ;;
    '--retry')
        return
        ;;
    '--ttl')
        return
        ;;
    '--multicast-interface')
        __sockkit_add_completions -W "$(eval 'ls /sys/class/net')"
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion udp-send -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_udp-recv() {
    repeating_flags=()
    non_repeating_flags=(--raw --hex --json --echo -4 --ipv4 -6 --ipv6 -n --numeric --reuse-port --verbose -v --trace --version -h --help)
    repeating_options=(--join)
    non_repeating_options=(-c --count --timeout --receive-buffer --prefix --reply --source-filter -U --unix -s --source -p --source-port --port-file --log-format)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '-c'|'--count')
        return
        ;;
    '--timeout')
        return
        ;;
    '--receive-buffer')
        return
        ;;
    '--prefix')
        return
        ;;
    '--reply')
        return
        ;;
    '--join')
        return
        ;;
    '--source-filter')
        return
        ;;
    '-U'|'--unix')
        __sockkit_add_completions -f
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '-p'|'--source-port')
        return
        ;;
    '--port-file')
        __sockkit_add_completions -f
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion udp-recv -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_resolve() {
    repeating_flags=()
    non_repeating_flags=(-4 --ipv4 -6 --ipv6 --short --json --verbose -v --trace --version -h --help)
    repeating_options=()
    non_repeating_options=(--jobs -j --timeout --service --log-format)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--jobs'|'-j')
        return
        ;;
    '--timeout')
        return
        ;;
    '--service')
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion resolve -- --service "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion resolve -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_getserv() {
    repeating_flags=()
    non_repeating_flags=(--json --verbose -v --trace --version -h --help)
    repeating_options=()
    non_repeating_options=(--log-format)
    __sockkit_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion getserv -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    2)
        __sockkit_add_completions -W 'tcp'$'\n''udp'$'\n''sctp'$'\n''dccp'
        return
        ;;
    esac
}

_sockkit_buffers() {
    repeating_flags=()
    non_repeating_flags=(--tcp --unix --udp --sweep --json --verbose -v --trace --version -h --help)
    repeating_options=()
    non_repeating_options=(--send-buffer --receive-buffer --log-format)
    __sockkit_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--send-buffer')
        return
        ;;
    '--receive-buffer')
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac
}

_sockkit_echo-server() {
    repeating_flags=()
    non_repeating_flags=(--tcp --udp --json -4 --ipv4 -6 --ipv6 -n --numeric --reuse-port --verbose -v --trace --version -h --help)
    repeating_options=(--allow --deny --allow-file --deny-file)
    non_repeating_options=(--prefix --model --workers -i --idle-timeout -m --max-connections --backlog --grace -U --unix -s --source -p --source-port --port-file --log-format)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--prefix')
        return
        ;;
    '--model')
        __sockkit_add_completions -W 'fork'$'\n''thread'$'\n''event'
        return
        ;;
    '--workers')
        return
        ;;
    '-i'|'--idle-timeout')
        return
        ;;
    '-m'|'--max-connections')
        return
        ;;
    '--backlog')
        return
        ;;
    '--grace')
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-file')
        __sockkit_add_completions -f
        return
        ;;
    '--deny-file')
        __sockkit_add_completions -f
        return
        ;;
    '-U'|'--unix')
        __sockkit_add_completions -f
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '-p'|'--source-port')
        return
        ;;
    '--port-file')
        __sockkit_add_completions -f
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion echo-server -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_http-server() {
    repeating_flags=()
    non_repeating_flags=(--list --json -4 --ipv4 -6 --ipv6 -n --numeric --reuse-port --verbose -v --trace --version -h --help)
    repeating_options=(--allow --deny --allow-file --deny-file)
    non_repeating_options=(--root --file --text --header-timeout --max-body --model --workers -i --idle-timeout -m --max-connections --backlog --grace -U --unix -s --source -p --source-port --port-file --log-format)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--root')
        __sockkit_add_completions -d
        return
        ;;
    '--file')
        __sockkit_add_completions -f
        return
        ;;
    '--text')
        return
        ;;
    '--header-timeout')
        return
        ;;
    '--max-body')
        return
        ;;
    '--model')
        __sockkit_add_completions -W 'fork'$'\n''thread'$'\n''event'
        return
        ;;
    '--workers')
        return
        ;;
    '-i'|'--idle-timeout')
        return
        ;;
    '-m'|'--max-connections')
        return
        ;;
    '--backlog')
        return
        ;;
    '--grace')
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-file')
        __sockkit_add_completions -f
        return
        ;;
    '--deny-file')
        __sockkit_add_completions -f
        return
        ;;
    '-U'|'--unix')
        __sockkit_add_completions -f
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '-p'|'--source-port')
        return
        ;;
    '--port-file')
        __sockkit_add_completions -f
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion http-server -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_calc-server() {
    repeating_flags=()
    non_repeating_flags=(--json -4 --ipv4 -6 --ipv6 -n --numeric --reuse-port --verbose -v --trace --version -h --help)
    repeating_options=(--allow --deny --allow-file --deny-file)
    non_repeating_options=(--max-operand --model --workers -i --idle-timeout -m --max-connections --backlog --grace -U --unix -s --source -p --source-port --port-file --log-format)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--max-operand')
        return
        ;;
    '--model')
        __sockkit_add_completions -W 'fork'$'\n''thread'$'\n''event'
        return
        ;;
    '--workers')
        return
        ;;
    '-i'|'--idle-timeout')
        return
        ;;
    '-m'|'--max-connections')
        return
        ;;
    '--backlog')
        return
        ;;
    '--grace')
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-file')
        __sockkit_add_completions -f
        return
        ;;
    '--deny-file')
        __sockkit_add_completions -f
        return
        ;;
    '-U'|'--unix')
        __sockkit_add_completions -f
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '-p'|'--source-port')
        return
        ;;
    '--port-file')
        __sockkit_add_completions -f
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion calc-server -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_calc() {
    repeating_flags=()
    non_repeating_flags=(--no-history -4 --ipv4 -6 --ipv6 -n --numeric --verbose -v --trace --version -h --help)
    repeating_options=()
    non_repeating_options=(-U --unix -s --source -p --source-port -w --connect-timeout --retry -i --idle-timeout --timeout --log-format)
    __sockkit_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '-U'|'--unix')
        __sockkit_add_completions -f
        return
        ;;
    '-s'|'--source')
        return
        ;;
    '-p'|'--source-port')
        return
        ;;
    '-w'|'--connect-timeout')
        return
        ;;
    '--retry')
        return
        ;;
    '-i'|'--idle-timeout')
        return
        ;;
    '--timeout')
        return
        ;;
    '--log-format')
        __sockkit_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __sockkit_add_completions -W "$(__sockkit_custom_complete ---completion calc -- positional@0 "${COMP_CWORD}" "$(__sockkit_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_sockkit_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __sockkit_offer_flags_options -1
}

complete -o filenames -F _sockkit sockkit
