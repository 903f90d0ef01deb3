"""The region: registers that no one memory holds, shuffled by an engine into parts that are audited one by one."""
