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
