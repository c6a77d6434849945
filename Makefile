# SPDX-License-Identifier: Apache-2.0

# Continuum: `make continuum` answers the first question, `make test` shows that it can be trusted.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Each with its reason in the README.
PACKAGES := libopenblas-dev libhdf5-dev libarchive-dev libpng-dev libjpeg62-turbo-dev libgsl-dev \
            libssl-dev zlib1g-dev pkg-config gnuplot-nox curl libonnx-dev libprotobuf-dev
# Package.swift looks whether ONNX' schema is there; what it found is kept until the environment changes.
export CONTINUUM_ONNX_HEADER = $(shell ls /usr/include/onnx/onnx_pb.h 2>/dev/null)
# What the tests read our files with, beside what the program needs; LaTeX for tables (150 MB), shells for
# completions; clang-format for the C sources' style.
TEST_PACKAGES := hdf5-tools python3-h5py python3-jsonschema poppler-utils texlive-latex-base \
                 texlive-latex-recommended zsh fish groff-base clang-format
# What the campaigns use beside that; they do without strace where it is missing.
CAMPAIGN_PACKAGES := python3-h5py strace procps
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
TOOL := .build/release/continuum

.PHONY: help deps testdeps build docs install continuum results test damage faults load fuzz variants arm64 check golden \
        format parity parity-statistics calibrate peers clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Installs those of the named Debian packages that are missing, and says which.
define install
@missing=$$(for p in $(1); do \
  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; \
done | xargs); \
if [ -n "$$missing" ]; then \
  echo "Installing $$missing"; \
  $(SUDO) apt-get update -qq; \
  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; \
fi
endef

deps: ## install the libraries that are missing (Debian packages)
	$(call install,$(PACKAGES))
	@command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: https://swift.org/install"; exit 2; }

testdeps: ## install h5dump, h5py and pdflatex, without which the tests that use them are skipped
	$(call install,$(TEST_PACKAGES))

# One build for the tool and the tests, some of which look inside their module: release builds
# forbid that, but for this flag.
BUILDING := -c release -Xswiftc -enable-testing

build: deps ## build the continuum tool in release mode
	swift build $(BUILDING) --product continuum

# The libraries that Package.swift publishes, as the compiler sees them, made into pages by DocC. It reads
# the modules of the build; the module maps are those of the C libraries behind them.
DOCUMENTATION := .build/documentation
MODULE_MAPS = $(wildcard Sources/C*/module.modulemap .build/release/C*.build/module.modulemap)

docs: build ## documentation of the published libraries, into .build/documentation (DocC)
	rm -rf $(DOCUMENTATION) .build/symbols && mkdir -p .build/symbols
	@for library in $$(sed -n 's/.*\.library(name: "\([A-Za-z]*\)".*/\1/p' Package.swift); do \
	  swift symbolgraph-extract -module-name $$library -I .build/release/Modules \
	    -target "$$(swift -print-target-info | sed -n 's/^ *"triple": "\(.*\)",/\1/p' | head -1)" \
	    -minimum-access-level public -output-dir .build/symbols \
	    $(addprefix -Xcc -fmodule-map-file=,$(MODULE_MAPS)) $$(pkg-config --cflags hdf5); \
	done
	docc convert --additional-symbol-graph-dir .build/symbols --output-path $(DOCUMENTATION) \
	  --fallback-display-name Continuum --fallback-bundle-identifier continuum --warnings-as-errors

PREFIX := /usr/local
# Before PREFIX, for whoever makes a package.
DESTDIR :=

install: build ## install the tool, its manual page and shell completions under PREFIX (/usr/local)
	install -d $(addprefix '$(DESTDIR)$(PREFIX)'/,bin share/man/man1 share/zsh/site-functions \
	  share/bash-completion/completions share/fish/vendor_completions.d)
	install -m 755 $(TOOL) '$(DESTDIR)$(PREFIX)/bin/continuum'
	$(TOOL) help --man > '$(DESTDIR)$(PREFIX)/share/man/man1/continuum.1'
	$(TOOL) completions bash > '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/continuum'
	$(TOOL) completions zsh > '$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_continuum'
	$(TOOL) completions fish > '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/continuum.fish'

# Not into Results/quickstart: those files are committed, and stay as they are.
continuum: build ## run the quickstart: accuracy against segments at equal parameters
	$(TOOL) run Experiments/quickstart --results Results/local/quickstart

# A folder with a table and run files is a committed result. `coupling` has more points than a figure
# can show; its own shows a part.
results: build ## make every committed table and figure anew, from the run files alone
	@for table in Results/*/table.md; do \
	  folder=$$(dirname $$table); [ -d $$folder/runs ] || continue; \
	  for form in md csv tex json; do $(TOOL) table $$folder --output $$folder/table.$$form; done; \
	  [ $$folder != Results/coupling ] || continue; \
	  for form in svg png; do \
	    $(TOOL) plot $$folder --format $$form; \
	    $(TOOL) plot $$folder --kind training-curves --format $$form; \
	  done; \
	done
	for form in svg png; do $(TOOL) plot Results/coupling --where groupWidth=8 \
	  --output Results/coupling/group-width-8.$$form; done
	for form in markdown csv; do $(TOOL) decouple --calibration Results/coupling --format $$form \
	  > Results/coupling/calibration.$${form/markdown/md}; done
	for form in svg png; do $(TOOL) decouple --calibration Results/coupling \
	  --figure Results/coupling/calibration.$$form > /dev/null; done
	$(TOOL) plot Results/speed --kind speed --output Results/speed/spectrum.svg
	$(TOOL) plot Results/speed --kind speed --output Results/speed/spectrum.png

# What is built here is run as it is: `swift test` by itself adds a flag, and would then compile
# every module a second time.
BUILD_TESTS := swift build $(BUILDING) --build-tests
RUN_TESTS := swift test $(BUILDING) --skip-build

test: deps ## build and run all tests, with one of every ten damaged files
	$(BUILD_TESTS)
	$(RUN_TESTS)

damage: deps ## run the tests of damaged files with all of them, not with a sample
	$(BUILD_TESTS)
	CONTINUUM_DAMAGE=all $(RUN_TESTS) --filter DamageTests

faults: build ## kill sweeps, fill disks, fail every file operation in turn; into Results/reliability
	$(call install,$(CAMPAIGN_PACKAGES))
	python3 Tests/Faults/faults.py $(TOOL) Results/reliability/faults.md
	$(BUILD_TESTS)
	CONTINUUM_FAULTS=all $(RUN_TESTS) --no-parallel \
	  --filter 'FaultTests|LimitTests|SignalTests|LockTests|ClockTests|SharedFolderTests|ResumeTests'

load: build ## 10,000 runs, as one point and as 2,000: time, memory, descriptors; into Results/reliability
	$(call install,$(CAMPAIGN_PACKAGES))
	python3 Tests/Load/load.py $(TOOL) Results/reliability/load.md

# libFuzzer comes with the toolchain. Every reader of files by itself, so many seconds each.
READERS := experiment network idx cifar gzip tar picture exif weights run checkpoint record
FUZZ_SECONDS := 60
FUZZ_SEED := 2017

fuzz: deps ## let libFuzzer try every reader of files, a minute each; into Results/reliability
	CONTINUUM_FUZZ=1 swift build $(BUILDING) --scratch-path .build/fuzz -Xswiftc -sanitize=fuzzer \
	  -Xswiftc -use-ld=lld --product fuzz
	Tests/Fuzz/fuzz.sh .build/fuzz/release/fuzz Results/reliability/fuzz.md $(FUZZ_SECONDS) \
	  $(FUZZ_SEED) $(READERS)

# Results of two levels differ in the last bits, so each runs in a process of its own.
variants: deps arm64 ## test the kernels as processors without AVX-512, and without AVX2, run them
	$(BUILD_TESTS)
	for level in AVX2 portable; do \
	  CONTINUUM_LEVEL=$$level $(RUN_TESTS) --filter 'KernelsTests|EngineTests'; \
	done

# Only the C loops: whoever has no such machine has no libraries for one either.
arm64: ## compile the C loops for 64-bit ARM, Linux and macOS; nothing is linked or run
	@for target in aarch64-linux-gnu arm64-apple-macos15; do \
	  for file in Sources/CKernels/*.c Sources/CKernels/level/*.c; do \
	    "$$(dirname "$$(readlink -f "$$(command -v swift)")")/clang" --target=$$target \
	      -ffreestanding -O2 -Wall -Wextra -Werror -ISources/CKernels/include \
	      -c -o /dev/null $$file; \
	  done; \
	  echo "$$target: the C loops compile"; \
	done

check: ## style (swift format, clang-format), the import walls, and a licence line in every source
	swift format lint --strict --recursive Package.swift Plugins Sources Tests
	clang-format --dry-run --Werror $$(git ls-files '*.c' '*.h' '*.cpp')
	.ci/walls
	@! git grep --untracked -L SPDX-License-Identifier -- '*.swift' '*.c' '*.cpp' '*.h' '*.py' '*.sh' ':!Results' \
	  | sed 's/$$/: has no SPDX line/' | grep .

golden: deps ## recompute Tests/Golden after a deliberate change; review the diff
	$(BUILD_TESTS)
	CONTINUUM_WRITE_GOLDEN=1 $(RUN_TESTS) --filter Golden

format: ## format the sources
	swift format --in-place --recursive Package.swift Plugins Sources Tests
	clang-format -i $$(git ls-files '*.c' '*.h' '*.cpp')

# Not part of `make test`: TensorFlow is large, and Keras is not what the tests are to rest on.
PARITY := .build/parity

$(PARITY)/installed: Makefile
	python3 -m venv $(PARITY)
	$(PARITY)/bin/python -m pip install --quiet tensorflow-cpu==2.21.0 keras==3.15.1 tf_keras==2.21.0 \
	  h5py==3.14.0 onnx==1.23.2 onnxruntime==1.32.0 safetensors==0.8.0 pillow==12.0.0
	touch $@

# Random whole models, and the seed of the first.
PARITY_MODELS := 300
PARITY_SEED := 1

parity: build $(PARITY)/installed ## compare networks and files with Keras and ONNX Runtime (a virtual environment)
	$(PARITY)/bin/python Tests/Parity/parity.py $(TOOL)
	$(PARITY)/bin/python Tests/Parity/export.py $(TOOL)
	$(PARITY)/bin/python Tests/Parity/whole_models.py $(TOOL) --count $(PARITY_MODELS) \
	  --seed $(PARITY_SEED)
	$(PARITY)/bin/python Tests/Parity/pictures.py $(TOOL)

# The numbers of R are committed; this says whether R still gives them.
parity-statistics: ## compare the committed numbers with R's aov, mvtnorm and multcomp (Debian packages)
	$(call install,r-base-core r-cran-mvtnorm r-cran-multcomp)
	Rscript Tests/Parity/statistics.R | diff Tests/Golden/statistics.txt -

calibrate: ## simulate 2,000 sweeps a case: do the intervals hold, are there false differences? (an hour)
	swift run $(BUILDING) calibrate

PEERS := .build/peers

$(PEERS)/bin/python:
	python3 -m venv $(PEERS)
	$@ -m pip install --quiet torch==2.13.0 tensorflow-cpu==2.21.0 keras==3.15.1 onnx onnxruntime==1.32.0

peers: build $(PEERS)/bin/python ## time other frameworks beside ours (a virtual environment)
	$(PEERS)/bin/python Experiments/speed/peers.py

clean: ## remove what was built
	rm -rf .build
