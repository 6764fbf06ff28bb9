"""The facts that web rules read: a site reached hop by hop and layer by layer, beside what the control saw."""
