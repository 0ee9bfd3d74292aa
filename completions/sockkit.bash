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
