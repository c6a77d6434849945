#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# commit.sh PACKAGE FILE: writes into the Swift file FILE which commit PACKAGE is built from, with `+`
# behind it where a program built now is not that commit's: a file of the sources or of the package's
# description was changed, added or removed. Results, tests and documents are no part of a program.
#
# FILE is left alone where it says so already, so that nothing is compiled again without need. Nothing
# that git says or lacks ends a build.
package=$1
file=$2

# A hook of git's sets these; they would speak of another repository.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX

ask() { git --no-optional-locks -C "$package" "$@" 2>/dev/null; }

commit=unknown
# A source archive that lies inside somebody else's checkout is none of that checkout's commits.
if prefix=$(ask rev-parse --show-prefix) && [ -z "$prefix" ] &&
  head=$(ask rev-parse --short=12 HEAD); then
  commit=$head
  changes=$(ask status --porcelain --untracked-files=all -- Package.swift Plugins Sources) ||
    changes=unknown
  [ -z "$changes" ] || commit=$head+
fi

text="/// The commit that the program is built from; written anew by Plugins/BuildCommit.
enum BuildCommit {
  static let text = \"$commit\"
}"
[ "$(cat "$file" 2>/dev/null)" = "$text" ] || printf '%s\n' "$text" >"$file"
