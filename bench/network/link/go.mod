module proxyctl.invalid/bench/link

go 1.21
