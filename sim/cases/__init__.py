"""Operations on public record, set in the model: planted, simulated under the law of their days, and compared."""
