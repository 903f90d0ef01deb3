"""tipstaff: audits a council's partnership register under a declarative policy and dated law."""
