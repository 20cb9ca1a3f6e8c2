# Mọi lệnh đều chạy lại được; chi tiết nằm trong .ci/.
.DEFAULT_GOAL := help
.PHONY: help demo test soak soakfiles check lock bench pushbench clean

help: ## Danh sách lệnh
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

demo: ## Cài đặt rồi diễn tập trọn một tỉnh trong var/demo-site
	.ci/install runtime
	.venv/bin/lienthong demo var/demo-site

test: ## Cài máy chủ thử nghiệm (cần root), kiểm tra mã, chạy mọi bài thử
	.ci/system-packages
	.ci/install dev
	.ci/check
	.venv/bin/python -m pytest -n "$$(nproc)" --dist loadfile --no-loadscope-reorder

soak: ## 200 lượt nhỏ bị giết ngẫu nhiên, 20.000 hồ sơ trên máy chủ thật giết mười lần, các chuyện dài (hơn một giờ)
	.ci/system-packages
	.ci/install dev
	.venv/bin/python -m pytest -m "" tests/story/test_soak.py tests/story/test_servers.py tests/story/test_prefect.py \
		tests/story/test_demo.py tests/story/test_mutations.py --runs 200 --dossiers 20000 --kills 10 $(ARGS)

soakfiles: ## 20.000 tệp, 4 GB: đẩy, giết giữa chừng, đẩy tiếp, băm lại từng tệp (ARGS="--files 2000 --gb 0.4")
	.ci/install dev
	.venv/bin/python -m tests.soak_files $(ARGS)

check: ## Chỉ kiểm tra mã: ruff, mypy, import-linter
	.ci/install dev
	.ci/check

lock: ## Chọn lại phiên bản các gói và ghi requirements*.lock
	.ci/install dev
	.ci/lock

bench: ## Đo tốc độ so với dlt và COPY
	.ci/system-packages
	.ci/install bench
	.venv/bin/python -m tests.benchmark $(ARGS)

pushbench: ## Đo riêng việc đẩy, qua REST và vào bảng, so với một máy khách chỉ gửi
	.ci/system-packages
	.ci/install dev
	.venv/bin/python -m tests.benchmark.pushing $(ARGS)

clean: ## Xóa môi trường Python và tệp tạm; giữ var/
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
