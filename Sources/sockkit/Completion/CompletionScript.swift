// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// A shell, with the script by which it requests completions from this program.
enum CompletionScript: String, CaseIterable, ExpressibleByArgument {
  /// Bash.
  case bash
  /// The Z shell.
  case zsh
  /// The fish shell.
  case fish

  /// The script, without its last newline.
  var text: String {
    switch self {
    case .bash: Self.forBash
    case .zsh: Self.forZsh
    case .fish: Self.forFish
    }
  }

  private static let forBash = #"""
    # Completion of sockkit for bash. The program itself says what a word may go on with.

    _sockkit() {
        local rest=${COMP_LINE:0:COMP_POINT} words=() word current breaks prefix addition path

        # Bash cuts words at colons and equals signs too, and replaces what stands behind the last one.
        for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
            if [[ ${#words[@]} -eq 0 || $rest == [[:space:]]* ]]; then
                words+=("")
                rest=${rest#"${rest%%[![:space:]]*}"}
            fi
            [[ $rest == "$word"* ]] || word=$rest
            words[-1]+=$word
            rest=${rest#"$word"}
        done
        current=${words[-1]}
        breaks=${COMP_WORDBREAKS//[!:=@]/}
        [[ -z $breaks ]] || prefix=${current%"${current##*[$breaks]}"}

        COMPREPLY=()
        {
            IFS=$'\t' read -r addition path
            while IFS=$'\t' read -r word _; do
                COMPREPLY+=("${word#"$prefix"}")
            done
        } < <("$1" ---complete "${words[@]:1}" 2>/dev/null)

        case $addition in
            files) mapfile -t COMPREPLY < <(compgen -f -- "${current#"$path"}") ;;
            directories) mapfile -t COMPREPLY < <(compgen -d -- "${current#"$path"}") ;;
            commands) mapfile -t COMPREPLY < <(compgen -c -- "$current") ;;
        esac
        if [[ $addition == files || $addition == directories ]]; then
            compopt -o filenames
            COMPREPLY=("${COMPREPLY[@]/#/"${path#"$prefix"}"}")
        elif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]]; then
            compopt -o nospace
        fi
    }

    complete -F _sockkit sockkit
    """#

  private static let forZsh = #"""
    #compdef sockkit
    # Completion of sockkit for zsh. The program itself says what a word may go on with.

    _sockkit() {
        local -a answer values displays
        local line value
        answer=("${(@f)$($words[1] ---complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
        local addition=${answer[1]%%$'\t'*} prefix=${answer[1]#*$'\t'}
        [[ -z $prefix ]] || compset -P "${(b)prefix}"
        case $addition in
            files) _files ;;
            directories) _files -/ ;;
            commands) _command_names -e ;;
        esac
        for line in "${(@)answer[2,-1]}"; do
            value=${line%%$'\t'*}
            [[ -n $value ]] || continue
            if [[ $value == *: ]]; then
                compadd -S '' -- "$value"
            else
                values+=("$value")
                displays+=("${line/$'\t'/  -- }")
            fi
        done
        if [[ ${#values} -gt 0 ]]; then
            if [[ "${values[*]}" == "${displays[*]}" ]]; then
                compadd -a values
            else
                compadd -l -d displays -a values
            fi
        fi
    }

    if [[ $funcstack[1] == _sockkit ]]; then
        _sockkit "$@"
    else
        compdef _sockkit sockkit
    fi
    """#

  private static let forFish = #"""
    # Completion of sockkit for fish. The program itself says what a word may go on with.

    function __sockkit_complete
        set -l words (commandline -opc)
        set -l current (commandline -ct)
        set -l answer ($words[1] ---complete $words[2..] "$current" 2>/dev/null)
        set -l addition (string split \t -- $answer[1])
        # As it is typed, with its quotes. An empty command is completed with files alone.
        set -l path (string replace -- "$addition[2]" '' "$current")
        switch "$addition[1]"
            case files
                printf '%s\n' $addition[2](complete -C "'' $path" | string split -f 1 \t)
            case directories
                printf '%s\n' $addition[2](complete -C "'' $path" | string split -f 1 \t | string match '*/')
            case commands
                # Not by completing a command, because that describes each by the index of the manual.
                string match --quiet '*/*' -- "$current"
                and printf '%s\n' (complete -C "'' $current" | string split -f 1 \t)
                or printf '%s\n' (set -l found $PATH/"$current"*; string replace --regex '.*/' '' -- $found)
        end
        printf '%s\n' $answer[2..]
    end

    complete -c sockkit -f -a '(__sockkit_complete)'
    """#
}
