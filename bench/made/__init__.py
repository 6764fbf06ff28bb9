"""Series made by chance, with what truly happened in them: of the kinds that detection meets, and none that it knows.

Nothing here imports what detection knows of clocks, seasons or families: it would only find itself.
"""
