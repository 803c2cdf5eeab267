"""Money: amounts, the ledger, the audit trail, escrow rules and commissions; pure, no clock and no I/O."""
