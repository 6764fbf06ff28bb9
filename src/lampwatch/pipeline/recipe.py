"""How any process makes the same kernel: the methods of this version, and the reference data it is given."""

import msgspec

from lampwatch.judge.references import References
from lampwatch.pipeline.kernel import Kernel
from lampwatch.pipeline.methods import by_test_name, discover


class LocalRecipe(msgspec.Struct, frozen=True):
    """A kernel with all methods and these references, which know how to be pickled."""

    references: References

    def kernel(self) -> Kernel:
        """The kernel."""
        return Kernel(by_test_name(discover()), self.references)
