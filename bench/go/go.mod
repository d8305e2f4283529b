module proxyctl.invalid/bench

go 1.23
