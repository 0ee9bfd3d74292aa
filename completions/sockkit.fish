# Completion of sockkit for fish. The program itself says what a word may go on with.

function __sockkit_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer ($words[1] ---complete $words[2..] "$current" 2>/dev/null)
    set -l addition (string split \t -- $answer[1])
    set -l path (string replace -- "$addition[2]" '' "$current")
    switch "$addition[1]"
        case files
            printf '%s\n' $addition[2](__fish_complete_path "$path" | string split -f 1 \t)
        case directories
            printf '%s\n' $addition[2](__fish_complete_directories "$path" | string split -f 1 \t)
        case commands
            complete -C "$current"
    end
    printf '%s\n' $answer[2..]
end

complete -c sockkit -f -a '(__sockkit_complete)'
