# make demo       restores a blurred sample; needs nothing but Python 3.11 or newer, git and make
# make test       installs what the tests need and runs them all
# make lint       style and types
# make benchmark  measures everything and writes docs/benchmarks.md; DATA=folder of photos, about half an hour on two cores
# make lock       writes constraints.txt anew, with the newest versions pyproject.toml allows

PYTHON ?= python3
VENV ?= .venv
# Tests run on all cores at once, those of one file after each other.
TEST_ARGUMENTS ?= --numprocesses logical --dist loadscope

# The release the shipped networks are trained and exported with; everything else moves with `make lock`.
TORCH := torch==2.13.0

RUN := $(VENV)/bin
INSTALL := $(RUN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable

.DELETE_ON_ERROR:
.PHONY: demo test lint benchmark lock clean

demo: $(VENV)/.installed
	@$(RUN)/clearface demo -o demo

test: $(VENV)/.installed-for-development
	$(RUN)/python -m pytest $(TEST_ARGUMENTS)

lint: $(VENV)/.installed-for-development
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy

benchmark: $(VENV)/.installed-for-development
	@test -n '$(DATA)' || { echo 'Name the folder of photos: make benchmark DATA=folder (benchmarks/publish.py says what it holds).'; exit 2; }
	$(RUN)/python -m benchmarks.publish '$(DATA)'

lock:
	$(PYTHON) -m venv --clear $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check '.[dlib,evaluate,heif,lint,mtcnn,postgres,queue,s3,test,trackers,train]' '$(TORCH)'
	{ echo '# Written by `make lock`: the exact versions clearface is tested with.'; \
	  $(VENV)-lock/bin/python -m pip freeze --disable-pip-version-check --exclude clearface | sed 's/+.*//'; } > constraints.new
	mv constraints.new constraints.txt
	rm -r $(VENV)-lock

clean:
	rm -rf $(VENV) $(VENV)-lock demo build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { echo 'Python is missing: install it with apt-get install python3 python3-venv.'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'clearface needs Python 3.11 or newer: name one with make PYTHON=python3.12.'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'Python cannot make virtual environments here: install what it lacks with apt-get install python3-venv.'; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.created
	@echo 'Installing clearface into $(VENV) (a few minutes the first time) ...'
	@$(INSTALL) .
	@touch $@

$(VENV)/.installed-for-development: pyproject.toml constraints.txt | $(VENV)/.created
	@echo 'Installing clearface and all its tests need into $(VENV) (some minutes the first time) ...'
	@$(INSTALL) '.[lint,mtcnn,test,train]'
	@touch $@ $(VENV)/.installed
