"""Knowledge bases of Bedrock: documents of a bucket, cut into chunks, found for a question.

The vectors of the real ones lie in a store elsewhere; here they lie in memory, and where no model
makes vectors, words find the chunks (BM25).
"""
